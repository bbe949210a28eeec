import { HttpError } from '../http/errors.ts';

/** First and last byte, both included. */
export type Range = { start: number; end: number };

/**
 * The part of a file of `size` bytes that a Range header asks for (RFC 9110, 14.2). Several ranges, other units and
 * malformed headers are passed over: the whole file is the answer then.
 * @throws HttpError 416 when there is no such part
 */
export function requestedRange(header: string | undefined, size: number): Range | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(' ', '') ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first = '', last = ''] = match;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (start >= size || (first === '' && Number(last) === 0)) throw new HttpError(416, `the file has ${size} bytes`);
  return { start, end };
}
