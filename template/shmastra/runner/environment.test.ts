import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseEnvironment, watchEnvironment, type Environment } from './environment.ts';

describe('parseEnvironment', () => {
  it('takes values as they stand', () => {
    expect(parseEnvironment('A=1\nB=a=b\nC= "x" $HOME `id` \nD=\r\n')).toEqual({
      A: '1',
      B: 'a=b',
      C: ' "x" $HOME `id` ',
      D: '',
    });
  });

  it('skips what is no assignment', () => {
    expect(parseEnvironment('# A=1\n\nno assignment\n=x\n1A=x\nA B=x\nexport C=x\n__proto__=x\nOK=1')).toMatchObject({
      OK: '1',
    });
    expect(Object.keys(parseEnvironment('1A=x\nA-B=x\n$(id)=x'))).toEqual([]);
  });
});

describe('watchEnvironment', () => {
  let folder: string;
  let stop = () => {};
  afterEach(async () => {
    stop();
    await rm(folder, { recursive: true });
  });

  it('calls back when the file appears and when it changes, not when it is written again', async () => {
    folder = await mkdtemp(join(tmpdir(), 'environment-'));
    const file = join(folder, 'env');
    const seen: Environment[] = [];
    stop = watchEnvironment(file, (environment) => seen.push(environment));
    const write = async (text: string) => {
      await writeFile(`${file}.next`, text);
      await rename(`${file}.next`, file);
    };
    await write('A=1\n');
    await vi.waitFor(() => expect(seen).toEqual([{ A: '1' }]));
    await write('A=1\n');
    await write('A=2\n');
    await vi.waitFor(() => expect(seen).toEqual([{ A: '1' }, { A: '2' }]));
  });
});
