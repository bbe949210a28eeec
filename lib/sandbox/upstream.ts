import type { Settings } from '../settings.ts';

/** The port of the runner in a sandbox. */
export const RUNNER_PORT = 4111;

/** Where to send a request for a port of a sandbox: the base URL to connect to, and the Host header to send there. */
export function sandboxUpstream(
  settings: Pick<Settings, 'sandboxUpstream' | 'e2b'>,
  sandboxId: string,
  port = RUNNER_PORT,
): { origin: string; host: string } {
  const host = `${port}-${sandboxId}.${settings.e2b.domain}`;
  return { origin: settings.sandboxUpstream ?? `https://${host}`, host };
}
