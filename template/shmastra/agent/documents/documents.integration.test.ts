import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paragraph, samplePdf, writeDocx } from '../testing/sample-documents.ts';
import type { ConverterLimits } from './converter.ts';
import { identify, readDocument } from './read-document.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'documents-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(name: string, content?: string | Buffer, limits?: ConverterLimits) {
  const file = join(folder, name);
  if (content !== undefined) writeFileSync(file, content);
  return readDocument(file, await identify(file), limits);
}

it('reads PDF, Word and HTML', async () => {
  expect(await read('two.pdf', samplePdf(['Hello page one', 'And page two']))).toEqual({
    text: 'Hello page one\n\nAnd page two',
  });
  await writeDocx(join(folder, 'letter.docx'), paragraph('Dear reader,') + paragraph('all is well.'));
  expect((await read('letter.docx')).text).toBe('Dear reader,\n\nall is well.');
  const html =
    '<html><style>p{}</style><script>document.write("run")</script><h1>Title</h1><table><tr><td>a</td><td>b</td></tr></table>';
  const page = await read('page.html', html);
  expect(page.text).toContain('Title');
  expect(page.text).toMatch(/a\s+b/);
  expect(page.text).not.toContain('run');
});

it('says what could not be read', async () => {
  expect(await read('scan.pdf', samplePdf(['']))).toEqual({ text: '', note: expect.stringContaining('pictures') });
  await expect(read('broken.pdf', '%PDF-1.7 nothing more')).rejects.toMatchObject({
    status: 415,
    code: 'attachment_unreadable',
  });
  await expect(read('broken.docx', 'PK\u0003\u0004 nothing more')).rejects.toMatchObject({
    code: 'attachment_unreadable',
  });
  await expect(read('program', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0]))).rejects.toMatchObject({ status: 415 });
});

describe('hostile files', () => {
  it('reads the pages that are there of a billion', async () => {
    expect((await read('billion.pdf', samplePdf(['One', 'Two'], 1_000_000_000))).text).toBe('One\n\nTwo');
  });

  it('reads only the first pages of very many', async () => {
    const lines = Array.from({ length: 600 }, (_line, index) => `Page ${index + 1}.`);
    const { text, note } = await read('many.pdf', samplePdf(lines));
    expect(text).toMatch(/^Page 1\.\n\nPage 2\..*Page 500\.$/s);
    expect(note).toBe('Only the first 500 of 600 pages were read.');
  });

  it('stops at a Word file that unpacks without an end', async () => {
    const filler = paragraph('a'.repeat(1_000_000));
    const bomb = function* () {
      for (let index = 0; index < 300; index++) yield filler;
    };
    await writeDocx(join(folder, 'bomb.docx'), bomb());
    await expect(read('bomb.docx', undefined, { memoryMb: 250 })).rejects.toMatchObject({ status: 415 });
  });

  it('stops at what takes too long', async () => {
    await expect(read('slow.pdf', samplePdf(['One']), { timeoutMs: 1 })).rejects.toMatchObject({
      message: expect.stringContaining('takes longer'),
    });
  });

  it('copes with markup without an end', async () => {
    const nested = `<html>${'<div>'.repeat(100_000)}deep`;
    const outcome = await read('nested.html', nested).then(
      () => 'read',
      (error: { code?: string }) => error.code,
    );
    expect(['read', 'attachment_unreadable']).toContain(outcome);
  });
});
