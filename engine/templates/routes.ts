import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { BadRequestError, NotFoundError } from '../api/errors.ts';
import { parse, readJson, sendEmpty, sendJson } from '../api/http.ts';
import { isSecure } from '../api/public-address.ts';
import type { Builds } from './builds.ts';
import { BASE_TEMPLATE, checkTag, DEFAULT_TAG, parseTemplateName } from './names.ts';
import { describeTemplate, describeTemplateWithBuilds } from './representation.ts';
import { buildStartSchema } from './steps.ts';
import type { TemplateStore } from './template-store.ts';
import type { Uploads } from './uploads.ts';

/** E2B's defaults. */
const DEFAULT_SIZE = { cpuCount: 2, memoryMB: 1024 };

const requestSchema = z.object({
  name: z.string(),
  tags: z.array(z.string()).max(50).nullish(),
  cpuCount: z.number().int().min(1).max(64).default(DEFAULT_SIZE.cpuCount),
  memoryMB: z.number().int().min(128).max(262_144).default(DEFAULT_SIZE.memoryMB),
});
const assignSchema = z.object({ target: z.string(), tags: z.array(z.string()).min(1).max(50) });
const removeSchema = z.object({ name: z.string(), tags: z.array(z.string()).min(1).max(50) });
const statusQuery = z.object({ logsOffset: z.coerce.number().int().min(0).default(0) });

type Call = { request: IncomingMessage; response: ServerResponse; url: URL; params: string[] };
type Route = { method: string; path: RegExp; handle: (call: Call) => Promise<void> };

export type RouteParts = { store: TemplateStore; builds: Builds; uploads: Uploads; collect: () => Promise<void> };

/** The template API: see `Templates.templateRoutes`. */
export function createTemplateRoutes(
  parts: RouteParts,
): (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean> {
  const routes: Route[] = [...buildRoutes(parts), ...tagRoutes(parts), ...templateRoutes(parts)];
  return async (request, response, url) => {
    for (const route of routes) {
      const match = request.method === route.method ? route.path.exec(url.pathname) : null;
      if (!match) continue;
      await route.handle({ request, response, url, params: match.slice(1).map(decodeURIComponent) });
      return true;
    }
    return false;
  };
}

function buildRoutes({ store, builds, uploads }: RouteParts): Route[] {
  return [
    {
      method: 'POST',
      path: /^\/v3\/templates$/,
      handle: async ({ request, response }) => {
        const body = await readJson(request, requestSchema);
        const { name, tag } = parseTemplateName(body.name);
        if (name === BASE_TEMPLATE) throw new BadRequestError(`the template '${BASE_TEMPLATE}' cannot be replaced`);
        const tags = [...new Set([...(tag ? [tag] : []), ...(body.tags ?? []).map(checkTag)])];
        if (tags.length === 0) tags.push(DEFAULT_TAG);
        const build = await store.request(name, tags, { cpuCount: body.cpuCount, memoryMb: body.memoryMB });
        const { templateID, buildID } = build;
        sendJson(response, 202, { templateID, buildID, public: false, aliases: [name], names: [name], tags });
      },
    },
    {
      method: 'GET',
      path: /^\/templates\/([^/]+)\/files\/([^/]+)$/,
      handle: async ({ request, response, params: [id = '', hash = ''] }) => {
        store.template(id);
        const present = (await uploads.find(hash)) !== undefined;
        const secure = isSecure(request) || request.headers['x-forwarded-proto'] === 'https';
        sendJson(response, 201, {
          present,
          url: `${secure ? 'https' : 'http'}://${request.headers.host}${uploads.uploadPath(hash)}`,
        });
      },
    },
    {
      method: 'PUT',
      path: /^\/uploads\/([^/]+)$/,
      handle: async ({ request, response, url, params: [hash = ''] }) => {
        await uploads.receive(hash, url.searchParams, request);
        sendEmpty(response, 200);
      },
    },
    {
      method: 'POST',
      path: /^\/v2\/templates\/([^/]+)\/builds\/([^/]+)$/,
      handle: async ({ request, response, params: [id = '', buildID = ''] }) => {
        const body = await readJson(request, buildStartSchema);
        await builds.start(store.build(store.template(id).templateID, buildID), body);
        sendEmpty(response, 202);
      },
    },
    {
      method: 'GET',
      path: /^\/templates\/([^/]+)\/builds\/([^/]+)\/status$/,
      handle: async ({ response, url, params: [id = '', buildID = ''] }) => {
        const { logsOffset } = parse(statusQuery, Object.fromEntries(url.searchParams));
        const build = store.build(store.template(id).templateID, buildID);
        const logEntries = await builds.logPage(build, logsOffset);
        const { templateID, status, reason } = build;
        sendJson(response, 200, { templateID, buildID, status, logs: [], logEntries, ...(reason ? { reason } : {}) });
      },
    },
  ];
}

function tagRoutes({ store }: RouteParts): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/templates\/aliases\/([^/]+)$/,
      handle: async ({ response, params: [name = ''] }) => {
        if (name === BASE_TEMPLATE) return sendJson(response, 200, { templateID: BASE_TEMPLATE, public: false });
        const found = store.findReady(name);
        if (!found) throw new NotFoundError(`template '${name}' not found`);
        sendJson(response, 200, { templateID: found.template.templateID, public: false });
      },
    },
    {
      method: 'POST',
      path: /^\/templates\/tags$/,
      handle: async ({ request, response }) => {
        const { target, tags } = await readJson(request, assignSchema);
        const found = store.findReady(target);
        if (!found) throw new NotFoundError(`template '${target}' not found`);
        const { templateID, buildID } = found.build;
        await store.setTags(templateID, tags.map(checkTag), buildID);
        sendJson(response, 201, { buildID, tags });
      },
    },
    {
      method: 'DELETE',
      path: /^\/templates\/tags$/,
      handle: async ({ request, response }) => {
        const { name, tags } = await readJson(request, removeSchema);
        await store.removeTags(store.template(parseTemplateName(name).name).templateID, tags);
        sendEmpty(response, 204);
      },
    },
    {
      method: 'GET',
      path: /^\/templates\/([^/]+)\/tags$/,
      handle: async ({ response, params: [id = ''] }) => {
        const tags = Object.entries(store.template(id).tags);
        sendJson(
          response,
          200,
          tags.map(([tag, { buildID, createdAt }]) => ({ tag, buildID, createdAt })),
        );
      },
    },
  ];
}

function templateRoutes({ store, collect }: RouteParts): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/templates$/,
      handle: async ({ response }) =>
        sendJson(
          response,
          200,
          store
            .templates()
            .filter((template) => template.snapshotOf === undefined)
            .map((template) => describeTemplate(store, template)),
        ),
    },
    {
      method: 'GET',
      path: /^\/templates\/([^/]+)$/,
      handle: async ({ response, params: [id = ''] }) =>
        sendJson(response, 200, describeTemplateWithBuilds(store, store.template(id))),
    },
    {
      method: 'DELETE',
      path: /^\/templates\/([^/]+)$/,
      handle: async ({ response, params: [id = ''] }) => {
        await store.removeTemplate(store.template(id).templateID);
        await collect();
        sendEmpty(response, 204);
      },
    },
  ];
}
