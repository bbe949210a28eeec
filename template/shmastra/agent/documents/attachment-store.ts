import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError } from '../errors.ts';
import { attachmentSchema, type Attachment } from './attachment.ts';
import type { ConverterLimits } from './converter.ts';
import { cleanName } from './clean-name.ts';
import { identify, readDocument } from './read-document.ts';

export type StoredAttachment = { attachment: Attachment; file: string; text: string };

type AttachmentStoreOptions = {
  /** The agent's data folder: attachments lie outside of the project. */
  dataDir: string;
  /** Of one file. */
  maxBytes: number;
  /** Of all together; the oldest ones go first. */
  quotaBytes?: number;
  converter?: ConverterLimits;
};

const QUOTA_BYTES = 500 * 1024 * 1024;
const MAX_ATTACHMENTS = 2000;
const ID = /^[0-9a-f-]{36}$/;

/** Keeps the files that people attach to messages, with the text that a model reads of them. */
export class AttachmentStore {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #quotaBytes: number;
  readonly #converter: ConverterLimits;

  constructor({ dataDir, maxBytes, quotaBytes = QUOTA_BYTES, converter = {} }: AttachmentStoreOptions) {
    this.#folder = join(dataDir, 'attachments');
    this.#maxBytes = maxBytes;
    this.#quotaBytes = quotaBytes;
    this.#converter = converter;
  }

  /** Takes a file as it arrives. Throws `attachment_too_large` or `attachment_unreadable`; nothing is kept then. */
  async add(name: string, body: AsyncIterable<Uint8Array>, declaredBytes = 0): Promise<Attachment> {
    if (declaredBytes > this.#maxBytes) throw this.#tooLarge();
    const id = randomUUID();
    const unfinished = join(this.#folder, `.${id}`);
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
    try {
      const file = join(unfinished, 'file');
      const bytes = await this.#receive(file, body);
      if (bytes === 0) throw new ApiError(400, 'attachment_empty', 'This file is empty.');
      const kind = await identify(file, name);
      const { text, note } = await readDocument(file, kind, this.#converter);
      const attachment: Attachment = {
        ...{ id, name: cleanName(name), mediaType: kind.mediaType, bytes, kind: kind.kind },
        ...(note === undefined || kind.kind === 'image' ? {} : { note }),
      };
      await writeFile(join(unfinished, 'text'), text);
      await writeFile(join(unfinished, 'attachment.json'), JSON.stringify(attachment));
      await rename(unfinished, join(this.#folder, id));
      await this.#keepQuota(id);
      return attachment;
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      throw error;
    }
  }

  /** Undefined for one that was never there, or was removed to make room. */
  async find(id: string): Promise<StoredAttachment | undefined> {
    if (!ID.test(id)) return undefined;
    const folder = join(this.#folder, id);
    try {
      const attachment = attachmentSchema.parse(JSON.parse(await readFile(join(folder, 'attachment.json'), 'utf8')));
      return { attachment, file: join(folder, 'file'), text: await readFile(join(folder, 'text'), 'utf8') };
    } catch {
      return undefined;
    }
  }

  async #receive(file: string, body: AsyncIterable<Uint8Array>): Promise<number> {
    const handle = await open(file, 'wx', 0o600);
    try {
      let bytes = 0;
      for await (const chunk of body) {
        bytes += chunk.byteLength;
        if (bytes > this.#maxBytes) throw this.#tooLarge();
        await handle.writeFile(chunk);
      }
      return bytes;
    } finally {
      await handle.close();
    }
  }

  /** Removes the oldest ones while there is too much, and what uploads that broke off have left. */
  async #keepQuota(newest: string): Promise<void> {
    const names = await readdir(this.#folder);
    const kept: { folder: string; bytes: number; at: number }[] = [];
    for (const name of names) {
      if (name === newest || name.startsWith('.')) continue;
      const folder = join(this.#folder, name);
      const found = await stat(join(folder, 'file')).catch(() => undefined);
      if (found !== undefined) kept.push({ folder, bytes: found.size, at: found.mtimeMs });
    }
    kept.sort((one, other) => one.at - other.at);
    let total = kept.reduce((sum, { bytes }) => sum + bytes, (await stat(join(this.#folder, newest, 'file'))).size);
    while (kept.length > 0 && (total > this.#quotaBytes || kept.length >= MAX_ATTACHMENTS)) {
      const oldest = kept.shift();
      if (oldest === undefined) break;
      total -= oldest.bytes;
      await rm(oldest.folder, { recursive: true, force: true });
    }
  }

  #tooLarge(): ApiError {
    const megabytes = Math.floor(this.#maxBytes / 1024 / 1024);
    return new ApiError(
      413,
      'attachment_too_large',
      `A file may have up to ${megabytes} MB. This one was not attached.`,
      {
        next: 'Attach a part of it, or put it into the project from the terminal.',
      },
    );
  }
}
