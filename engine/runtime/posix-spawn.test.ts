import { closeSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { Children } from './children.ts';
import { type Koffi, koffi } from './koffi.ts';
import { bindPosixSpawn } from './posix-spawn.ts';

const ffi = koffi();
if (!ffi) throw new Error('koffi is missing: run npm install');

/** The C library of Debian 10 has no addchdir_np. */
const older: Koffi = {
  ...ffi,
  load: (file) => {
    const library = ffi.load(file);
    return {
      ...library,
      func: (declaration: string) => {
        if (declaration.includes('addchdir_np')) throw new Error('there is no such function');
        return library.func(declaration);
      },
    };
  },
};

it.each([
  ['this', ffi],
  ['an older', older],
])('starts a program in its folder with %s C library', async (_, library) => {
  const { pipe, start } = bindPosixSpawn(library);
  const { read, write } = pipe();
  const before = process.cwd();
  const cwd = realpathSync(tmpdir());
  const pid = start({
    file: '/bin/sh',
    args: ['-c', 'pwd; exit 3'],
    environment: {},
    cwd,
    stdio: [read, write, write],
  });
  const ended = await new Children(ffi, { lookEveryMs: 20 }).end(pid);
  closeSync(write);
  expect(readFileSync(read, 'utf8')).toBe(`${cwd}\n`);
  closeSync(read);
  expect(ended).toEqual({ code: 3, signal: null });
  expect(process.cwd()).toBe(before);
});

it('fails for a folder that is missing and stays where it was', () => {
  for (const library of [ffi, older]) {
    const { start } = bindPosixSpawn(library);
    const before = process.cwd();
    const program = { file: '/bin/true', args: [], environment: {}, cwd: '/missing/folder', stdio: [0, 1, 2] };
    expect(() => start(program)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(process.cwd()).toBe(before);
  }
});
