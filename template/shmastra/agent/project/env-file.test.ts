import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { isSettable, saveVariables, setVariables } from './env-file.ts';

test.each([
  'plain',
  'with space',
  "it's",
  'say "hi"',
  `both ' and "`,
  '$HOME `x`',
  'a#b',
  'two\nlines',
  ' x ',
  '\\n',
  '',
])('a value is read back as it was given: %j', (value) => {
  expect(parseEnv(setVariables('OTHER=1\n', { KEY: value }))).toEqual({ OTHER: '1', KEY: value });
});

test('a value that cannot be written is refused', () => {
  expect(() => setVariables('', { KEY: `'"\`` })).toThrow('KEY');
  expect(() => setVariables('', { KEY: 'a\0b' })).toThrow('KEY');
});

test('an earlier value goes, whatever its form, and the rest stays', () => {
  const text = '# head\nexport KEY = "two\nlines" # x\nKEYS=1\n  KEY=old\nLAST=2';
  expect(setVariables(text, { KEY: 'new' })).toBe("# head\nKEYS=1\nLAST=2\nKEY='new'\n");
});

test.each([
  ['SLACK_BOT_TOKEN', true],
  ['PATH', false],
  ['NODE_OPTIONS', false],
  ['LD_PRELOAD', false],
  ['SHMASTRA_SERVER_TOKEN', false],
  ['lower', false],
  ['A B', false],
  ['A=B', false],
  ['', false],
])('whether %s may be set: %s', (name, expected) => {
  expect(isSettable(name)).toBe(expected);
});

test('values are for the owner only, names for everybody', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'env-'));
  try {
    await writeFile(join(folder, '.env.example'), '# OLD=\n');
    await saveVariables(folder, { OLD: '1', NEW: '2' }, { NEW: 'what\nit is for' });
    expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, '.env.example'), 'utf8')).toBe('# OLD=\n\n# what it is for\nNEW=\n');
  } finally {
    await rm(folder, { recursive: true });
  }
});
