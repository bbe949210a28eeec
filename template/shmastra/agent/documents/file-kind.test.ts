import { expect, it } from 'vitest';
import { cleanName } from './clean-name.ts';
import { decodeText } from './decode-text.ts';
import { fileKind } from './file-kind.ts';

const kindOf = (bytes: Buffer | string, name = 'file') => fileKind(Buffer.from(bytes as string), name, true);

it('goes by what is in a file, not by its name', () => {
  expect(kindOf(Buffer.from('89504e470d0a1a0a00000000', 'hex'), 'a.txt')).toEqual({
    kind: 'image',
    mediaType: 'image/png',
  });
  expect(kindOf(Buffer.from('ffd8ffe000', 'hex'))).toMatchObject({ mediaType: 'image/jpeg' });
  expect(kindOf('GIF89a\u0000')).toMatchObject({ mediaType: 'image/gif' });
  expect(kindOf('RIFF\u0001\u0002\u0003\u0004WEBPVP8 ')).toMatchObject({ mediaType: 'image/webp' });
  expect(kindOf('%PDF-1.7 …', 'a.png')).toMatchObject({ kind: 'document', format: 'pdf' });
  expect(kindOf('PK\u0003\u0004…', 'letter.docx')).toMatchObject({ format: 'docx' });
  expect(kindOf('PK\u0003\u0004…', 'sheet.xlsx')).toEqual({ kind: 'binary', what: 'an office file of this kind' });
  expect(kindOf('  <!DOCTYPE html><p>')).toMatchObject({ kind: 'document', format: 'html' });
  expect(kindOf('<svg xmlns="…"/>', 'a.svg')).toMatchObject({ kind: 'text' });
  expect(kindOf('{"a":1}', 'a.json')).toEqual({ kind: 'text', mediaType: 'application/json' });
  expect(kindOf(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0]), 'a.txt')).toMatchObject({ kind: 'binary' });
});

it('reads text of any sort', () => {
  expect(decodeText(Buffer.from('\ufeffGrüße 🙂\n'))).toBe('Grüße 🙂\n');
  expect(decodeText(Buffer.from('\ufeffGrüße', 'utf16le'))).toBe('Grüße');
  expect(decodeText(Buffer.from('Gr\u00fc\u00dfe', 'latin1'))).toBe('Grüße');
  // The beginning of a longer file may end within a character.
  expect(decodeText(Buffer.from('Größe').subarray(0, 3), false)).toBe('Gr');
  expect(decodeText(Buffer.from([1, 2, 0, 3]))).toBeUndefined();
});

it('cleans names', () => {
  expect(cleanName('../../etc/passwd')).toBe('passwd');
  expect(cleanName('C:\\Users\\me\\report.pdf')).toBe('report.pdf');
  expect(cleanName('photo\u202egnp.exe\u0000\n')).toBe('photognp.exe');
  expect(cleanName('..')).toBe('file');
  expect(cleanName(`${'a'.repeat(500)}.docx`)).toMatch(/^a{115}\.docx$/);
});
