import { X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import path from 'node:path';
import { writeFileAtomic } from '../state/atomic-file.ts';
import type { Certificate } from './certificates.ts';

const DAY_MS = 24 * 3600_000;
/** A certificate is made anew this long before it ends; an authority earlier, so that no certificate outlives it. */
const RENEW_DAYS = { certificate: 30, authority: 430 };

/** What clients have to trust: NODE_EXTRA_CA_CERTS, `curl --cacert`. It is there once the engine has listened with TLS. */
export function authorityFile(dataDir: string): string {
  return path.join(dataDir, 'tls', 'ca.pem');
}

/**
 * The engine's certificate for its domain and everything one level below it, from an authority of its own. Both are kept
 * in `<dataDir>/tls`, readable by root alone, and made anew before they end or when the names changed.
 */
export async function ensureCertificate(
  input: { dataDir: string; instance: string; names: { dns: string[]; ip: string[] } },
  now: number = Date.now(),
): Promise<Certificate> {
  const directory = path.dirname(authorityFile(input.dataDir));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // The library is large, and most engines never need it.
  const { createAuthority, issueCertificate } = await import('./certificates.ts');

  let authority = await read(directory, 'ca');
  if (authority === null || endsWithin(authority, RENEW_DAYS.authority, now)) {
    authority = await createAuthority(`Shmastra sandbox engine ${input.instance}`, now);
    await write(directory, 'ca', authority);
  }
  const current = await read(directory, 'server');
  if (current !== null && !endsWithin(current, RENEW_DAYS.certificate, now) && fits(current, authority, input.names)) {
    return current;
  }
  const issued = await issueCertificate(authority, input.names, now);
  await write(directory, 'server', issued);
  return issued;
}

/** `domain` may have a port, `host` is what the engine listens on. */
export function certificateNames(domain: string, host: string): { dns: string[]; ip: string[] } {
  const name = domain.replace(/:\d+$/, '');
  const addresses = ['127.0.0.1', ...(isIP(host) && !/^(0\.0\.0\.0|::)$/.test(host) ? [host] : [])];
  return { dns: [`*.${name}`, name, 'localhost'], ip: [...new Set(addresses)] };
}

async function read(directory: string, name: string): Promise<Certificate | null> {
  try {
    const [certificate, privateKey] = await Promise.all([
      readFile(path.join(directory, `${name}.pem`), 'utf8'),
      readFile(path.join(directory, `${name}.key`), 'utf8'),
    ]);
    const { validTo } = new X509Certificate(certificate);
    return Number.isNaN(Date.parse(validTo)) ? null : { certificate, privateKey };
  } catch {
    return null;
  }
}

/** The certificate last: it counts only together with its key. */
async function write(directory: string, name: string, { certificate, privateKey }: Certificate): Promise<void> {
  await writeFileAtomic(path.join(directory, `${name}.key`), privateKey);
  await writeFileAtomic(path.join(directory, `${name}.pem`), certificate);
}

function endsWithin({ certificate }: Certificate, days: number, now: number): boolean {
  return Date.parse(new X509Certificate(certificate).validTo) - now < days * DAY_MS;
}

function fits(current: Certificate, authority: Certificate, names: { dns: string[]; ip: string[] }): boolean {
  const certificate = new X509Certificate(current.certificate);
  const wanted = [...names.dns.map((name) => `DNS:${name}`), ...names.ip.map((address) => `IP Address:${address}`)];
  const has = certificate.subjectAltName?.split(', ') ?? [];
  return certificate.verify(new X509Certificate(authority.certificate).publicKey) && wanted.join() === has.join();
}
