import type { IncomingMessage, ServerResponse } from 'node:http';
import { buildRoutes } from './build-routes.ts';
import { listRoutes } from './list-routes.ts';
import { runRoutes, type RouteParts } from './route.ts';
import { tagRoutes } from './tag-routes.ts';

/** The template API: see `Templates.templateRoutes`. */
export function createTemplateRoutes(
  parts: RouteParts,
): (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean> {
  const routes = [...buildRoutes(parts), ...tagRoutes(parts), ...listRoutes(parts)];
  return (request, response, url) => runRoutes(routes, request, response, url);
}
