import { pathBelow } from './request-path.ts';

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
