import { expect, it } from 'vitest';
import { nameOf, parseRegistryImage } from './reference.ts';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

it.each([
  ['python', 'docker.io/library/python:latest'],
  ['python:3.12-slim', 'docker.io/library/python:3.12-slim'],
  ['bitnami/postgresql:16', 'docker.io/bitnami/postgresql:16'],
  ['docker.io/python:3', 'docker.io/library/python:3'],
  ['ghcr.io/a/b/c', 'ghcr.io/a/b/c:latest'],
  ['localhost/x', 'localhost/x:latest'],
  ['localhost:5000/x_y:1', 'localhost:5000/x_y:1'],
  ['10.0.0.5:5000/x', '10.0.0.5:5000/x:latest'],
  [`python@${DIGEST}`, `docker.io/library/python@${DIGEST}`],
  [`python:3.12@${DIGEST}`, `docker.io/library/python@${DIGEST}`],
])('reads %s as Docker does', (image, name) => {
  expect(nameOf(parseRegistryImage(image))).toBe(name);
});

it.each([
  ...['', 'Python', 'a:b:c', 'docker-archive:/etc/passwd', 'oci:/x:y', 'dir:/etc', '/etc/passwd', '../x', 'a b', '-x'],
  ...['x@sha256:12', 'x;id', '--authfile=x/y', 'docker://python', `a/${'b'.repeat(600)}`, 'x:tag\n'],
])('refuses %j', (image) => {
  expect(() => parseRegistryImage(image)).toThrow(/invalid image reference/);
});
