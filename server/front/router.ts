import type { IncomingMessage, ServerResponse } from 'node:http';
import { readAppsHost } from '../../lib/apps/index.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { parseRequestPath, pathBelow } from '../../lib/mastra-proxy/request-path.ts';
import { sandboxPath } from '../../lib/mastra-proxy/target.ts';
import { STUDIO_MOUNT } from '../../lib/studio/html.ts';
import { WIDGET_MOUNT } from '../../lib/studio/widget.ts';
import { handleActivity } from './activity-route.ts';
import { handleOpenApp } from './apps-open-route.ts';
import { handleApps } from './apps-route.ts';
import type { FrontContext, RequestFacts } from './context.ts';
import { handleMastra } from './mastra-route.ts';
import { sendJson } from './respond.ts';
import { handleStudio } from './studio-route.ts';
import type { StudioFiles } from './studio-files.ts';
import type { WidgetFiles } from './widget-files.ts';
import { handleWeb } from './web-route.ts';
import { createStatusRoute, handleInfo, type WorkspaceInfo } from './workspace-route.ts';

export type Route = (facts: RequestFacts, req: IncomingMessage, res: ServerResponse) => Promise<void> | void;

export type PublicRoutes = {
  studio: StudioFiles;
  widget: WidgetFiles;
  info: WorkspaceInfo;
  health: (res: ServerResponse) => Promise<void>;
  /** Sandboxes' own routes; null when they have a listener of their own. */
  control: Route | null;
};

/** The public listener: which part answers which path. */
export function createPublicRouter(context: FrontContext, routes: PublicRoutes): Route {
  const status = createStatusRoute(context);
  return (facts, req, res) => {
    const { path } = facts;
    // First: nothing of ours is served on the origins of what users build, neither pages nor the session's API.
    const apps = readAppsHost(req.headers.host, context.appsDomain);
    if (apps) return handleApps(context, facts, apps, req, res);
    if (path === '/health') return routes.health(res);
    const below = sandboxPath(path);
    if (below !== null) return handleMastra(context, { ...facts, sandboxPath: below }, req, res);
    const file = pathBelow(path, STUDIO_MOUNT);
    if (file !== null) return handleStudio(context, routes.studio, { ...facts, below: file }, req, res);
    const script = pathBelow(path, WIDGET_MOUNT);
    if (script !== null) return routes.widget.send(script.slice(1), req, res);
    if (path === '/api/workspace/status') return status(req, res);
    if (path === '/api/workspace/info') return handleInfo(context, routes.info, req, res);
    if (path === '/api/apps/open') return handleOpenApp(context, req, res);
    if (path === '/api/activity' || path === '/api/workspace/wake') return handleActivity(context, req, res);
    if (pathBelow(path, '/api/gateway') !== null || pathBelow(path, '/api/sandbox') !== null) {
      if (routes.control) return routes.control(facts, req, res);
      throw new NotFoundError('not_found', 'There is nothing at this address.');
    }
    return handleWeb(context, facts, req, res);
  };
}

/** The path of a request, or an answer and null when it is not one that we look at. */
export function readPath(req: IncomingMessage, res: ServerResponse): { path: string; query: string } | null {
  const parsed = parseRequestPath(req.url ?? '');
  if (parsed.ok) return parsed;
  sendJson(res, 400, { error: { code: 'bad_path', message: parsed.reason } });
  return null;
}
