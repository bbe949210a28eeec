import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { authorityFile, certificateNames, ensureCertificate } from './certificate-store.ts';

const DAY_MS = 24 * 3600_000;
let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'shmastra-tls-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const ensure = (domain = 'box.test:3901', now = Date.now()) =>
  ensureCertificate({ dataDir, instance: 'test', names: certificateNames(domain, '127.0.0.1') }, now);
const authority = () => readFile(authorityFile(dataDir), 'utf8');

it('makes it once, and keeps the keys from everybody', async () => {
  const first = await ensure();
  expect(await ensure()).toEqual(first);
  const certificate = new X509Certificate(first.certificate);
  expect(certificate.subjectAltName).toBe('DNS:*.box.test, DNS:box.test, DNS:localhost, IP Address:127.0.0.1');
  expect(certificate.verify(new X509Certificate(await authority()).publicKey)).toBe(true);
  for (const name of ['ca.key', 'server.key']) {
    expect((await stat(path.join(dataDir, 'tls', name))).mode & 0o777).toBe(0o600);
  }
});

it('renews the certificate before it ends, long before the authority', async () => {
  const first = await ensure();
  const ca = await authority();
  expect(await ensure(undefined, Date.now() + 360 * DAY_MS)).toEqual(first);
  const second = await ensure(undefined, Date.now() + 370 * DAY_MS);
  expect(second).not.toEqual(first);
  expect(await authority()).toBe(ca);
  await ensure(undefined, Date.now() + 3300 * DAY_MS);
  expect(await authority()).not.toBe(ca);
});

it('makes it anew for other names, and when what is there cannot be read', async () => {
  const first = await ensure();
  expect(await ensure('other.test')).not.toEqual(first);
  await writeFile(path.join(dataDir, 'tls', 'ca.pem'), 'rubbish');
  const last = await ensure('other.test');
  expect(new X509Certificate(last.certificate).verify(new X509Certificate(await authority()).publicKey)).toBe(true);
});
