import { decodeText } from './decode-text.ts';

export type DocumentFormat = 'pdf' | 'docx' | 'html';

export type FileKind =
  | { kind: 'image'; mediaType: string }
  | { kind: 'text'; mediaType: string }
  | { kind: 'document'; mediaType: string; format: DocumentFormat }
  /** Nothing that could be read; `what` names it for people. */
  | { kind: 'binary'; what: string };

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

/** How much of a file is looked at. */
export const HEAD_BYTES = 64 * 1024;

/** Says what a file is by what is in it; its name only tells kinds of text apart. `whole` says that `head` is all of it. */
export function fileKind(head: Buffer, name: string, whole: boolean): FileKind {
  const image = imageType(head);
  if (image !== undefined) return { kind: 'image', mediaType: image };
  if (head.subarray(0, 1024).includes('%PDF-'))
    return { kind: 'document', mediaType: 'application/pdf', format: 'pdf' };
  if (head.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'))) {
    // The first entries of a Word file name its parts.
    if (head.includes('word/') || /\.docx$/i.test(name)) return { kind: 'document', mediaType: DOCX, format: 'docx' };
    return {
      kind: 'binary',
      what: /\.(xlsx|pptx|ods|odt|odp)$/i.test(name) ? 'an office file of this kind' : 'an archive',
    };
  }
  const text = decodeText(head, whole);
  if (text === undefined) return { kind: 'binary', what: 'a binary file' };
  if (/\.html?$/i.test(name) || /^\s*<(!doctype html|html)\b/i.test(text)) {
    return { kind: 'document', mediaType: 'text/html', format: 'html' };
  }
  return { kind: 'text', mediaType: textType(name) };
}

function imageType(head: Buffer): string | undefined {
  const starts = (text: string, at = 0) => head.toString('latin1', at, at + text.length) === text;
  if (starts('\u0089PNG\r\n\u001a\n')) return 'image/png';
  if (starts('\u00ff\u00d8\u00ff')) return 'image/jpeg';
  if (starts('GIF87a') || starts('GIF89a')) return 'image/gif';
  if (starts('RIFF') && starts('WEBP', 8)) return 'image/webp';
  return undefined;
}

function textType(name: string): string {
  const ending = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase();
  if (ending === 'json') return 'application/json';
  if (ending === 'csv') return 'text/csv';
  if (ending === 'md' || ending === 'markdown') return 'text/markdown';
  return 'text/plain';
}
