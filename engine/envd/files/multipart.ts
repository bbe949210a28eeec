import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { EnvdError } from '../http/errors.ts';

const LIMITS = { files: 10_000, fields: 100, fieldSize: 64 * 1024, headerPairs: 20 };

/** Takes one uploaded part; `filename` is the full path that the client gave, if any. */
export type TakePart<Result> = (filename: string | undefined, content: Readable) => Promise<Result>;

/**
 * Reads `multipart/form-data` and hands over each part named `file`, one after another, with back-pressure.
 * @throws EnvdError invalid_argument for a malformed body, and what `take` throws.
 */
export async function readParts<Result>(
  headers: IncomingHttpHeaders,
  body: Readable,
  take: TakePart<Result>,
): Promise<Result[]> {
  const parser = createParser(headers);
  const results: Promise<Result>[] = [];
  const parts = new Set<Readable>();
  await new Promise<void>((resolve, reject) => {
    const fail = (error: unknown) => {
      body.unpipe(parser);
      // Who writes a part would wait for its end for ever.
      for (const part of parts) part.destroy(error instanceof Error ? error : undefined);
      reject(error);
    };
    parser.on('file', (field: string, content: Readable, filename: string | undefined) => {
      if (field !== 'file') return content.resume();
      parts.add(content);
      // What comes after a part that fails must not undo those before it.
      const before = Promise.all(results);
      const result = before.then(() => take(decodeFilename(filename), content)).finally(() => parts.delete(content));
      results.push(result);
      return result.catch(fail);
    });
    parser.on('filesLimit', () => fail(new EnvdError('invalid_argument', `more than ${LIMITS.files} files`)));
    parser.on('finish', resolve);
    parser.on('error', (error: unknown) =>
      fail(new EnvdError('invalid_argument', `malformed multipart body: ${messageOf(error)}`)),
    );
    body.on('error', fail);
    body.on('aborted', () => fail(new EnvdError('canceled', 'the upload was aborted')));
    body.pipe(parser);
  });
  return Promise.all(results);
}

function createParser(headers: IncomingHttpHeaders): BusboyInstance {
  const type = headers['content-type'] ?? '';
  try {
    return new Busboy({
      headers: { 'content-type': type },
      preservePath: true,
      limits: LIMITS,
      // By its name alone: a part without a file name of its own goes to ?path=.
      isPartAFile: (field) => field === 'file',
    });
  } catch (error) {
    throw new EnvdError('invalid_argument', `malformed multipart header: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}

/** Undoes the three escapes that browsers and fetch() write in file names (HTML, "multipart/form-data encoding"). */
export function decodeFilename(filename: string | undefined): string | undefined {
  return filename?.replace(/%(22|0D|0A)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
