import { X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { createAuthority, issueCertificate } from './certificates.ts';

it('makes a certificate that its authority vouches for, under its names alone', async () => {
  const now = Date.now();
  const authority = await createAuthority('Test CA', now);
  const issued = await issueCertificate(authority, { dns: ['*.box.test', 'box.test'], ip: ['127.0.0.1'] }, now);
  const [ca, certificate] = [new X509Certificate(authority.certificate), new X509Certificate(issued.certificate)];
  expect(ca.ca).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(certificate.checkIssued(ca)).toBe(true);
  expect(certificate.verify(ca.publicKey)).toBe(true);
  expect(certificate.checkHost('3000-iabc.box.test')).toBeDefined();
  expect(certificate.checkHost('a.b.box.test')).toBeUndefined();
  expect(certificate.checkIP('127.0.0.1')).toBeDefined();
  expect(certificate.checkIP('127.0.0.2')).toBeUndefined();
});
