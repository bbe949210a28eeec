import { expect, it } from 'vitest';
import { parseImage } from './references.ts';

it.each([
  ['e2bdev/base', { kind: 'node', version: '22' }],
  ['base', { kind: 'base' }],
  ['debian:stable', { kind: 'base' }],
  ['debian:bookworm-slim', { kind: 'base' }],
  ['docker.io/library/debian:12', { kind: 'base' }],
  ['node:22', { kind: 'node', version: '22' }],
  ['node:20.11.1-slim', { kind: 'node', version: '20.11.1' }],
  ['node:lts', { kind: 'node', version: '24' }],
])('knows %s', (image, reference) => {
  expect(parseImage(image)).toEqual(reference);
});

it.each(['python:3', 'debian:sid', 'node:22-alpine', 'ghcr.io/x/y'])('takes %s from a registry', (image) => {
  expect(parseImage(image).kind).toBe('registry');
});

it('takes what is asked for with a login from its registry', () => {
  expect(parseImage('node:22', true)).toMatchObject({ kind: 'registry', repository: 'library/node', version: ':22' });
});

it.each(['node:22; rm', '../x', '', 'oci:/etc'])('refuses %j', (image) => {
  expect(() => parseImage(image)).toThrowError(/invalid image reference/);
});
