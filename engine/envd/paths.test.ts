import { describe, expect, it } from 'vitest';
import { resolvePath } from './paths.ts';

const user = { name: 'user', uid: 1000, gid: 1000, groups: [], home: '/home/user', shell: '/bin/bash' };

describe('resolvePath', () => {
  it.each([
    ['/etc/x', undefined, '/etc/x'],
    ['a/b', undefined, '/home/user/a/b'],
    ['a/b', '/app', '/home/user/a/b'],
    ['', undefined, '/home/user'],
    ['', '/app', '/app'],
    ['', 'sub', '/home/user/sub'],
    ['.', '/app', '/home/user'],
    ['../x', undefined, '/home/x'],
    ['/a/../../b', undefined, '/b'],
    ['~', '/app', '/home/user'],
    ['~/a', '/app', '/home/user/a'],
    ['/a//b/', undefined, '/a/b'],
  ])('%s in %s is %s', (path, workdir, expected) => {
    expect(resolvePath(path, user, workdir)).toBe(expected);
  });

  it.each(['a\0b', '~root/x', 'x'.repeat(5000)])('refuses %j', (path) => {
    expect(() => resolvePath(path, user)).toThrowError(expect.objectContaining({ code: 'invalid_argument' }));
  });
});
