import { expect, it } from 'vitest';
import { ask, debianSources } from './host-packages.ts';

it("takes the host's mirrors of Debian and nobody else's repositories", () => {
  const listed = [
    'https://packages.example.com/apt cloud-sdk-bookworm main',
    'http://mirror.example.com/debian trixie main',
    'http://mirror.example.com/debian trixie-updates main',
    'http://mirror.example.com/security trixie-security main',
    'http://other.example.com/debian trixie contrib',
  ];
  expect(debianSources(listed.join('\n'))).toEqual([
    'deb http://mirror.example.com/debian bookworm main',
    'deb http://mirror.example.com/debian bookworm-updates main',
    'deb http://mirror.example.com/security bookworm-security main',
  ]);
});

it('names no source where apt knows no mirror of Debian, and no more than it knows', () => {
  expect(debianSources('http://archive.example.com/other noble main')).toEqual([]);
  expect(debianSources('http://mirror.example.com/debian bookworm main')).toEqual([
    'deb http://mirror.example.com/debian bookworm main',
    'deb http://mirror.example.com/debian bookworm-updates main',
  ]);
});

it('takes a program that is not there or refuses for an empty answer, but not one that was ended', async () => {
  expect(await ask('no-such-program', [])).toBe('');
  expect(await ask('false', [])).toBe('');
  await expect(ask('sh', ['-c', 'kill -9 $$'])).rejects.toThrow('killed');
});
