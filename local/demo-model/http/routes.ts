import { anthropic } from '../anthropic/anthropic.ts';
import { DemoModelError } from '../errors.ts';
import { google } from '../google/google.ts';
import { openai } from '../openai/openai.ts';
import type { Endpoint, Protocol } from '../protocol.ts';

const PROTOCOLS: Record<string, Protocol> = { openai, anthropic, google };

/** The protocol that is mounted at the first part of a path, and the rest of the path. */
export function mountOf(pathname: string): { protocol: Protocol; path: string } | null {
  const [, name = '', path = ''] = /^\/(\w+)(\/.*)$/.exec(pathname) ?? [];
  const protocol = Object.hasOwn(PROTOCOLS, name) ? PROTOCOLS[name] : undefined;
  return protocol ? { protocol, path } : null;
}

/** @throws DemoModelError 404 or 405 */
export function findEndpoint(
  protocol: Protocol,
  method: string,
  path: string,
): { endpoint: Endpoint; params: Record<string, string> } {
  const atPath = protocol.endpoints.filter((endpoint) => endpoint.path.test(path));
  const endpoint = atPath.find((candidate) => candidate.method === method);
  if (endpoint) return { endpoint, params: { ...endpoint.path.exec(path)?.groups } };
  if (atPath.length > 0) throw new DemoModelError(405, 'method_not_allowed', `${method} is not allowed here.`);
  throw new DemoModelError(404, 'not_found', `The demo model does not play ${path}.`);
}
