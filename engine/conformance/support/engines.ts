import type { TestProject } from 'vitest/node';
import { freePort, TestEngine } from '../../testing/engine.ts';
import { authorityFile } from '../../tls/certificate-store.ts';

/** What a caller knows of the engine; `domain` is without a port. */
export type EngineAccess = { apiKey: string; domain: string; plainPort: number; tlsPort: number };

declare module 'vitest' {
  interface ProvidedContext {
    engine: EngineAccess;
  }
}

const DOMAIN = 'sandbox.localhost';

/**
 * vitest's global set-up: one engine for all files of the project, as starting one takes seconds and the sandboxes of one
 * engine do not meet. It runs before the processes of the tests start, which take the environment from here.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const tlsPort = await freePort();
  const engine = await TestEngine.start({
    env: { ENGINE_WARM_POOL: '1', ENGINE_TLS_PORT: String(tlsPort), ENGINE_DOMAIN: DOMAIN },
  });
  process.env.NODE_EXTRA_CA_CERTS = authorityFile(engine.dataDir);
  const { apiKey } = engine.connection;
  project.provide('engine', { apiKey, domain: DOMAIN, plainPort: engine.port, tlsPort });
  return () => engine.dispose();
}
