import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, statfs, utimes } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BadRequestError, DiskFullError, EngineError, UnauthorizedError } from '../api/errors.ts';
import { errnoCode } from '../envd/http/errors.ts';

/** An upload must begin this long after its URL was asked for. */
const URL_MS = 3600_000;
/** Unused archives are removed after this. */
const KEPT_MS = 3 * 24 * 3600_000;
const MAX_BYTES = 10 * 1024 ** 3;

/** The archives of COPY steps, by the SDK's hash of their content. */
export class Uploads {
  readonly #dir: string;
  readonly #now: () => number;
  /** URLs do not outlive the process: the SDK asks for one just before each upload. */
  readonly #secret = randomBytes(32);

  constructor(dir: string, now: () => number) {
    this.#dir = dir;
    this.#now = now;
  }

  /** The archive's file, if it is there; its use is noted. */
  async find(hash: string): Promise<string | undefined> {
    const file = path.join(this.#dir, checkHash(hash));
    const now = new Date(this.#now());
    return utimes(file, now, now).then(
      () => file,
      () => undefined,
    );
  }

  /** Path and query of a PUT that needs no API key. */
  uploadPath(hash: string): string {
    const expires = String(this.#now() + URL_MS);
    return `/uploads/${checkHash(hash)}?expires=${expires}&token=${this.#token(hash, expires)}`;
  }

  /**
   * Takes the archive from the request's body.
   * @throws UnauthorizedError, DiskFullError, BadRequestError when it is not as long as announced.
   */
  async receive(hash: string, query: URLSearchParams, request: IncomingMessage): Promise<void> {
    const expires = query.get('expires') ?? '';
    const given = Buffer.from(query.get('token') ?? '');
    const wanted = Buffer.from(this.#token(checkHash(hash), expires));
    const isValid = given.length === wanted.length && timingSafeEqual(given, wanted);
    if (!isValid || !(Number(expires) > this.#now()))
      throw new UnauthorizedError('The upload URL is not valid (any more)');
    const size = Number(request.headers['content-length'] ?? NaN);
    if (!Number.isSafeInteger(size)) throw new EngineError(411, 'The upload needs a Content-Length');
    if (size > MAX_BYTES) throw new EngineError(413, 'The upload is larger than 10 GiB');
    await mkdir(this.#dir, { recursive: true });
    const { bavail, bsize } = await statfs(this.#dir);
    if (size > bavail * bsize) throw new DiskFullError();
    await this.#write(path.join(this.#dir, hash), size, request);
  }

  async #write(file: string, size: number, request: IncomingMessage): Promise<void> {
    const temporary = `${file}.${randomBytes(4).toString('hex')}.tmp`;
    try {
      await pipeline(request, createWriteStream(temporary));
      const written = await stat(temporary);
      if (written.size !== size) throw new BadRequestError(`The upload has ${written.size} of ${size} bytes`);
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw errnoCode(error) === 'ENOSPC' ? new DiskFullError() : error;
    }
  }

  /** Removes archives that were not used for days. */
  async collect(): Promise<void> {
    for (const name of await readdir(this.#dir).catch((): string[] => [])) {
      const file = path.join(this.#dir, name);
      const age = this.#now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? this.#now());
      if (age > KEPT_MS) await rm(file, { force: true });
    }
  }

  #token(hash: string, expires: string): string {
    return createHmac('sha256', this.#secret).update(`${hash}:${expires}`).digest('hex');
  }
}

function checkHash(hash: string): string {
  if (/^[0-9a-f]{64}$/.test(hash)) return hash;
  throw new BadRequestError('The hash of the files is not a SHA-256 in hexadecimal digits');
}
