import { createWriteStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** The files of the smallest Mastra project. */
export const SMALL_PROJECT: Record<string, string> = {
  'package.json': '{"name":"small","dependencies":{"@mastra/core":"1.71.0"}}',
  'src/mastra/index.ts': 'export const mastra = 1;\n',
};

export type ArchiveFile = string | { content: string; mode: number };

export async function zipOf(files: Record<string, ArchiveFile>): Promise<Buffer<ArrayBuffer>> {
  const zip = new ZipFile();
  for (const [name, file] of Object.entries(files)) {
    const { content, mode } = typeof file === 'string' ? { content: file, mode: 0o100644 } : file;
    zip.addBuffer(Buffer.from(content), name, { mode });
  }
  zip.end();
  return Buffer.from(await buffer(zip.outputStream));
}

/** yazl refuses unsafe names, so that one of the same length is put in their place. */
export async function zipWithName(name: string): Promise<Buffer<ArrayBuffer>> {
  const stand = 'x'.repeat(name.length);
  const bytes = await zipOf({ ...SMALL_PROJECT, [stand]: 'evil' });
  return Buffer.from(bytes.toString('latin1').replaceAll(stand, name), 'latin1');
}

/** Writes an archive with one file of so many zeros. */
export async function writeZipBomb(file: string, megabytes: number): Promise<void> {
  const zip = new ZipFile();
  const zeros = function* () {
    const chunk = Buffer.alloc(1024 * 1024);
    for (let index = 0; index < megabytes; index++) yield chunk;
  };
  for (const [name, content] of Object.entries(SMALL_PROJECT)) zip.addBuffer(Buffer.from(content), name);
  zip.addReadStream(Readable.from(zeros()), 'zeros');
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
}
