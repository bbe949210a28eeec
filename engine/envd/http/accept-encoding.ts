import { HttpError } from './errors.ts';

/**
 * The encoding to answer with (RFC 9110, 12.5.3). Who lists gzip among others gets it plain: fetch() lists it by default,
 * and packing costs more than the wire does.
 * @param isPart The request is for a range or has a condition: packed content has other ranges.
 * @throws HttpError 406 when the client takes neither gzip nor the plain content
 */
export function acceptedEncoding(header: string | undefined, isPart = false): 'gzip' | 'identity' {
  const offers = new Map<string, number>();
  for (const part of (header ?? '').split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    if (name === '') continue;
    const quality = Number(parameters.find((text) => text.startsWith('q='))?.slice(2) ?? 1);
    offers.set(name, Number.isNaN(quality) ? 1 : quality);
  }
  const other = offers.get('*');
  const gzip = offers.get('gzip') ?? other ?? 0;
  const takesPlain = (offers.get('identity') ?? other) !== 0;
  if (isPart && !takesPlain)
    throw new HttpError(406, 'identity encoding not acceptable for Range or conditional request');
  if (isPart) return 'identity';
  if (gzip > 0 && (!takesPlain || (offers.size === 1 && offers.has('gzip')))) return 'gzip';
  if (takesPlain) return 'identity';
  throw new HttpError(406, 'error parsing Accept-Encoding: no acceptable encoding found, supported: [gzip]');
}
