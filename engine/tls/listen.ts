import type { Logger } from 'pino';
import { createTlsServer, type ServerParts } from '../api/server.ts';
import { authorityFile, certificateNames, ensureCertificate } from './certificate-store.ts';

/** How often the certificate is looked at; it is renewed weeks before it ends. */
const CHECK_MS = 12 * 3600_000;

/**
 * Serves what the plain listener serves with TLS as well.
 * @returns a function that ends it
 */
export async function listenWithTls(
  config: { dataDir: string; instance: string; domain: string; host: string; tlsPort: number },
  parts: ServerParts,
  log: Logger,
): Promise<() => void> {
  const names = certificateNames(config.domain, config.host);
  const load = async () => {
    const { certificate, privateKey } = await ensureCertificate({ ...config, names });
    return { cert: certificate, key: privateKey };
  };
  const server = createTlsServer(parts, await load());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.tlsPort, config.host, resolve);
  });
  const renewal = setInterval(() => {
    load()
      .then((context) => server.setSecureContext(context))
      .catch((error: unknown) => log.error({ err: error }, 'the certificate could not be renewed'));
  }, CHECK_MS);
  renewal.unref();
  log.info(
    { host: config.host, port: config.tlsPort, trust: authorityFile(config.dataDir) },
    'engine listens with TLS',
  );
  return () => {
    clearInterval(renewal);
    server.close();
    server.closeAllConnections();
  };
}
