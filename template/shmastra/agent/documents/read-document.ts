import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { convertDocument, unreadable, type ConverterLimits } from './converter.ts';
import { MAX_TEXT_CHARACTERS } from './limits.ts';
import { decodeText } from './decode-text.ts';
import { fileKind, HEAD_BYTES, type FileKind } from './file-kind.ts';

export type ReadableKind = Exclude<FileKind, { kind: 'binary' }>;

/** What a file is. Throws `attachment_unreadable` for one that neither a person nor a model could read. */
export async function identify(file: string, name = basename(file)): Promise<ReadableKind> {
  const handle = await open(file);
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, HEAD_BYTES, 0);
    const { size } = await handle.stat();
    const kind = fileKind(buffer.subarray(0, bytesRead), name, bytesRead === size);
    if (kind.kind !== 'binary') return kind;
    throw unreadable(
      `It is ${kind.what}.`,
      'Images (PNG, JPEG, GIF, WebP), text, PDF, Word (.docx) and HTML can be read.',
    );
  } finally {
    await handle.close();
  }
}

/** The text of a file, for a model: plain text as it is, PDF, Word and HTML turned into text. Images have none. */
export async function readDocument(
  file: string,
  kind: ReadableKind,
  limits?: ConverterLimits,
): Promise<{ text: string; note?: string }> {
  if (kind.kind === 'document') return convertDocument(kind.format, file, limits);
  if (kind.kind === 'image') return { text: '', note: 'This is an image.' };
  const text = decodeText(await readFile(file));
  if (text === undefined) throw unreadable('It is a binary file.');
  if (text.length <= MAX_TEXT_CHARACTERS) return { text };
  const note = `Only the first ${MAX_TEXT_CHARACTERS} of ${text.length} characters were read.`;
  return { text: text.slice(0, MAX_TEXT_CHARACTERS), note };
}
