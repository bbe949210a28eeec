import { readFile } from 'node:fs/promises';
import { compile } from 'html-to-text';
import mammoth from 'mammoth';
import { getDocumentProxy } from 'unpdf';
import { decodeText } from './decode-text.ts';
import type { DocumentFormat } from './file-kind.ts';
import { MAX_TEXT_CHARACTERS } from './limits.ts';

const MAX_PAGES = 500;

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

export type Converted = { text: string; note?: string };

const toText = compile({
  wordwrap: false,
  limits: { maxInputLength: 8_000_000, maxDepth: 200, maxChildNodes: 20_000, ellipsis: '…' },
  selectors: [
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
    { selector: 'img', format: 'skip' },
    { selector: 'table', format: 'dataTable', options: { uppercaseHeaderCells: false } },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
  ],
});

/** Turns a document into text. Runs in a process of its own: documents are made by anybody. */
export async function convert(format: DocumentFormat, file: string): Promise<Converted> {
  const bytes = await readFile(file);
  if (format === 'pdf') return convertPdf(bytes);
  if (format === 'docx') return convertDocx(bytes);
  return bounded(toText(decodeText(bytes) ?? ''));
}

async function convertPdf(bytes: Buffer): Promise<Converted> {
  const pdf = await getDocumentProxy(new Uint8Array(bytes), {
    disableFontFace: true,
    verbosity: 0,
  });
  // What a PDF says of itself need not be true.
  const pages = Math.min(pdf.numPages, MAX_PAGES);
  let text = '';
  let read = 0;
  while (read < pages && text.length <= MAX_TEXT_CHARACTERS) {
    const page = await textOfPage(pdf, read + 1);
    if (page === undefined) break;
    text += (read === 0 ? '' : '\n\n') + page;
    read++;
  }
  const note = read < pdf.numPages ? `Only the first ${read} of ${pdf.numPages} pages were read.` : undefined;
  if (text.trim() === '') return { text: '', note: note ?? 'There is no text in this PDF: its pages are pictures.' };
  return note === undefined ? bounded(text) : { text: text.slice(0, MAX_TEXT_CHARACTERS), note };
}

async function textOfPage(pdf: Pdf, number: number): Promise<string | undefined> {
  try {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    page.cleanup();
    return items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join('');
  } catch {
    return undefined;
  }
}

async function convertDocx(buffer: Buffer): Promise<Converted> {
  const convertImage = mammoth.images.imgElement(() => Promise.resolve({ src: '' }));
  const { value } = await mammoth.convertToHtml({ buffer }, { convertImage, externalFileAccess: false });
  return bounded(toText(value));
}

function bounded(text: string): Converted {
  if (text.trim() === '') return { text: '', note: 'There is no text in this file.' };
  if (text.length <= MAX_TEXT_CHARACTERS) return { text };
  return {
    text: text.slice(0, MAX_TEXT_CHARACTERS),
    note: `Only the first ${MAX_TEXT_CHARACTERS} characters were read.`,
  };
}
