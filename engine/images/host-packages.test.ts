import { expect, it } from 'vitest';
import { debianSources } from './host-packages.ts';

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

it("falls back to Debian's own mirror", () => {
  expect(debianSources('http://archive.ubuntu.com/ubuntu noble main')).toEqual([
    'deb http://deb.debian.org/debian bookworm main',
    'deb http://deb.debian.org/debian bookworm-updates main',
    'deb http://deb.debian.org/debian-security bookworm-security main',
  ]);
});
