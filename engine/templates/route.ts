import type { IncomingMessage, ServerResponse } from 'node:http';
import { BadRequestError } from '../api/errors.ts';
import type { Builds } from './builds.ts';
import type { TemplateStore } from './template-store.ts';
import type { Uploads } from './uploads.ts';

export type Call = {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  /** The groups of the path, decoded. */
  params: string[];
};

export type Route = { method: string; path: RegExp; handle: (call: Call) => Promise<void> };

export type RouteParts = { store: TemplateStore; builds: Builds; uploads: Uploads; collect: () => Promise<void> };

/** Resolves to false when none of them is meant. */
export async function runRoutes(
  routes: Route[],
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<boolean> {
  for (const route of routes) {
    const match = request.method === route.method ? route.path.exec(url.pathname) : null;
    if (!match) continue;
    await route.handle({ request, response, url, params: match.slice(1).map(decode) });
    return true;
  }
  return false;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadRequestError('the path is not a URL');
  }
}
