import type { ToolResult } from '../turn.ts';
import { field, parseJson } from './json.ts';

export type SourceError = { message: string; file?: string; line?: number };
export type Check = { ok: boolean; errors: SourceError[] };

const DEPTH = 6;

/** What `apply_changes` found. */
export function readCheck({ content, failed }: ToolResult): Check {
  const parsed = parseJson(content);
  // A check that could not be made says why in words.
  if (typeof parsed !== 'object' || parsed === null) return { ok: false, errors: [{ message: content }] };
  return { ok: !failed && field(parsed, 'ok') === true, errors: errorsIn(parsed, 0) };
}

function errorsIn(value: unknown, depth: number): SourceError[] {
  if (typeof value !== 'object' || value === null || depth > DEPTH) return [];
  // A stage that was passed over says why, which is no error.
  if (field(value, 'state') === 'skipped') return [];
  const list = field(value, 'errors');
  const here = Array.isArray(list) ? list.flatMap(readError) : [];
  if (here.length > 0) return here;
  return Object.values(value).flatMap((inner) => errorsIn(inner, depth + 1));
}

function readError(value: unknown): SourceError[] {
  if (typeof value === 'string') return [{ message: value }];
  const message = field(value, 'message');
  if (typeof message !== 'string') return [];
  const file = field(value, 'file');
  const line = field(value, 'line');
  return [{ message, ...(typeof file === 'string' ? { file } : {}), ...(typeof line === 'number' ? { line } : {}) }];
}

/** `dice.ts:12: message`, for people. */
export function tellError({ file, line, message }: SourceError): string {
  const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}: `;
  return `${place}${message.split('\n')[0] ?? ''}`.slice(0, 300);
}
