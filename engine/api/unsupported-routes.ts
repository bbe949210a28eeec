import type { IncomingMessage, ServerResponse } from 'node:http';
import { EngineError } from './errors.ts';

/** Calls of E2B's API that mean nothing on one box, or that this engine does without, and what they are about. */
const UNSUPPORTED: [RegExp, string][] = [
  [/^\/teams(\/|$)/, 'Teams'],
  [/^\/(v2\/)?sandboxes\/[^/]+\/logs$/, 'Logs of sandboxes'],
  [/^\/(nodes|admin)(\/|$)/, 'The administration of a cluster'],
  [/^\/(access-tokens|api-keys)(\/|$)/, 'The administration of keys by the API'],
  [/^\/volumes(\/|$)/, 'Volumes'],
  [/^\/secrets(\/|$)/, 'Secrets'],
];

/** Says so plainly: an answer that pretends would be worse. Resolves to false for every other path. */
export async function unsupportedRoutes(_: IncomingMessage, __: ServerResponse, url: URL): Promise<boolean> {
  const found = UNSUPPORTED.find(([path]) => path.test(url.pathname));
  if (found === undefined) return false;
  throw new EngineError(501, `${found[1]}: not part of this engine`);
}
