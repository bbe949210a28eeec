import { ApiError } from '../errors.ts';
import { LIMITS } from './limits.ts';

/** What is made anew, or must not come from elsewhere. */
const SKIPPED = /^(\.git|node_modules|\.mastra|\.data|\.DS_Store|__MACOSX)$/i;
const SECRET = /^\.env(\.(?!example$).*)?$/i;
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 1000;
const MAX_NOTES = 20;

/** Why a file of an import is left out, or undefined for one that comes in. Throws `import_unsafe` for a name that leads out. */
export function reasonToSkip(path: string): string | undefined {
  const names = path.split('/');
  if (path.startsWith('/') || /^[a-z]:/i.test(path) || /[\\\0]/.test(path) || names.includes('..')) {
    throw refuse(`The name “${printable(path)}” leads out of the project.`);
  }
  const tooLong =
    Buffer.byteLength(path) > MAX_PATH_BYTES || names.some((name) => Buffer.byteLength(name) > MAX_NAME_BYTES);
  if (tooLong) throw refuse(`The name “${printable(path)}” is too long.`);
  const skipped = names.find((name) => SKIPPED.test(name));
  if (skipped !== undefined) return `${skipped} was left out`;
  return SECRET.test(names.at(-1) ?? '') ? `${names.at(-1)} was left out: your own values stay` : undefined;
}

/** Counts what comes in, and stops at the bounds: an archive of a few bytes can hold any amount. */
export class ImportCount {
  readonly notes = new Set<string>();
  #files = 0;
  #bytes = 0;

  file(): void {
    if (++this.#files > LIMITS.files) throw refuse('It holds more than 5,000 files.', 'import_too_large', 413);
  }

  bytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes > LIMITS.unpackedBytes) throw refuse('It unpacks to more than 200 MB.', 'import_too_large', 413);
  }

  note(text: string): void {
    if (this.notes.size < MAX_NOTES) this.notes.add(text);
  }
}

export function refuse(why: string, code = 'import_unsafe', status: 413 | 422 = 422): ApiError {
  return new ApiError(status, code, `This file was not imported. ${why} Nothing was changed.`, {
    next: 'Import a ZIP file or git bundle that was exported from a workspace, or made of a Mastra project.',
  });
}

const printable = (path: string) => path.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 100);
