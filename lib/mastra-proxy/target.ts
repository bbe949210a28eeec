import { pathBelow } from './request-path.ts';

/** Port of the Mastra server in every sandbox. */
export const SANDBOX_SERVER_PORT = 4111;
/** Where a sandbox's server appears on the control plane: `/api/mastra/<path>` is the sandbox's `/<path>`. */
export const MASTRA_MOUNT = '/api/mastra';

/** The sandbox's path for a request's path, or null when the request is not meant for the sandbox. */
export function sandboxPath(path: string, upgrade = false): string | null {
  const below = pathBelow(path, MASTRA_MOUNT);
  if (below !== null) return below === '' ? '/' : below;
  // Studio opens the socket of an agent's browser at the root of the origin, whatever its API prefix is.
  if (upgrade && /^\/browser\/[^/]+\/stream$/.test(path)) return path;
  return null;
}

export type SandboxAddress = { sandboxId: string; domain: string };

export function sandboxHost(address: SandboxAddress): string {
  return `${SANDBOX_SERVER_PORT}-${address.sandboxId}.${address.domain}`;
}

/**
 * Origin to connect to. With a fixed upstream (the local engine) every sandbox is behind one address and only the Host
 * header tells them apart; without one each sandbox has a host name of its own, over TLS.
 */
export function sandboxOrigin(address: SandboxAddress, upstream: string | null): string {
  return upstream ?? `https://${sandboxHost(address)}`;
}
