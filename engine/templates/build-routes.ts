import { z } from 'zod';
import { BadRequestError, NotFoundError } from '../api/errors.ts';
import { parse, readJson, sendEmpty, sendJson } from '../api/http.ts';
import { isSecure } from '../api/public-address.ts';
import { LEVELS, PAGE_SIZE, type LogEntry, type LogLevel } from './build-log.ts';
import { BASE_TEMPLATE, checkTags, DEFAULT_TAG, parseTemplateName, withoutNamespace } from './names.ts';
import type { Build } from './records.ts';
import type { Route, RouteParts } from './route.ts';
import { buildStartSchema } from './steps.ts';
import type { TemplateStore } from './template-store.ts';

/** E2B's defaults. */
const DEFAULT_SIZE = { cpuCount: 2, memoryMB: 1024 };
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const requestSchema = z.object({
  name: z.string().nullish(),
  /** What `name` was called before. */
  alias: z.string().nullish(),
  tags: z.array(z.string()).max(50).nullish(),
  cpuCount: z.number().int().min(1).max(64).default(DEFAULT_SIZE.cpuCount),
  memoryMB: z.number().int().min(128).max(262_144).default(DEFAULT_SIZE.memoryMB),
});
const count = z.coerce.number().int().min(0);
const pageQuery = z.object({
  limit: count.max(PAGE_SIZE).default(PAGE_SIZE),
  level: z.enum(LEVELS).default('debug'),
});
const statusQuery = pageQuery.extend({ logsOffset: count.default(0) });
const logsQuery = pageQuery.extend({
  /** Unix ms. */
  cursor: count.optional(),
  direction: z.enum(['forward', 'backward']).default('forward'),
});

/** From the request of a build to its log. */
export function buildRoutes({ store, builds, uploads }: RouteParts): Route[] {
  return [
    {
      method: 'POST',
      path: /^\/v3\/templates$/,
      handle: async ({ request, response }) => {
        const body = await readJson(request, requestSchema);
        const text = body.name ?? body.alias;
        if (text == null) throw new BadRequestError('Name is required');
        const { name, tag } = withoutNamespace(parseTemplateName(text, 'Invalid name'));
        if (name === BASE_TEMPLATE) throw new BadRequestError(`the template '${BASE_TEMPLATE}' cannot be replaced`);
        const named = checkTags([...(tag ? [tag] : []), ...(body.tags ?? [])]);
        const tags = named.length === 0 ? [DEFAULT_TAG] : named;
        const build = await store.request(name, tags, { cpuCount: body.cpuCount, memoryMb: body.memoryMB });
        const { templateID, buildID } = build;
        const isPublic = store.template(templateID).public ?? false;
        sendJson(response, 202, { templateID, buildID, public: isPublic, aliases: [name], names: [name], tags });
      },
    },
    {
      method: 'GET',
      path: /^\/templates\/([^/]+)\/files\/([^/]+)$/,
      handle: async ({ request, response, params: [id = '', hash = ''] }) => {
        store.template(id);
        const present = (await uploads.find(hash)) !== undefined;
        const secure = isSecure(request) || request.headers['x-forwarded-proto'] === 'https';
        const url = `${secure ? 'https' : 'http'}://${request.headers.host}${uploads.uploadPath(hash)}`;
        sendJson(response, 201, { present, url });
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
        if (!UUID.test(buildID)) throw new BadRequestError(`Invalid build ID: ${buildID}`);
        const build = findBuild(store, id, buildID);
        if (build === undefined) throw new NotFoundError(`build '${buildID}' of '${id}' not found`);
        await builds.start(build, body);
        sendEmpty(response, 202);
      },
    },
    {
      method: 'GET',
      path: /^\/templates\/([^/]+)\/builds\/([^/]+)\/status$/,
      handle: async ({ response, url, params: [id = '', buildID = ''] }) => {
        const { logsOffset, limit, level } = parse(statusQuery, Object.fromEntries(url.searchParams));
        const { templateID, status, reason, ...build } = knownBuild(store, id, buildID);
        const entries = (await builds.log(build.buildID)).filter(atLeast(level)).slice(logsOffset, logsOffset + limit);
        const told = reason && {
          ...reason,
          ...(reason.step === undefined ? {} : { logEntries: entries.filter(ofStep(reason.step)) }),
        };
        const page = { logs: [], logEntries: entries };
        sendJson(response, 200, { templateID, buildID, status, ...page, ...(told ? { reason: told } : {}) });
      },
    },
    {
      method: 'GET',
      path: /^\/templates\/([^/]+)\/builds\/([^/]+)\/logs$/,
      handle: async ({ response, url, params: [id = '', buildID = ''] }) => {
        const { cursor, direction, limit, level } = parse(logsQuery, Object.fromEntries(url.searchParams));
        const entries = (await builds.log(knownBuild(store, id, buildID).buildID)).filter(atLeast(level));
        const at = (entry: LogEntry) => Date.parse(entry.timestamp);
        const logs =
          direction === 'forward'
            ? entries.filter((entry) => cursor === undefined || at(entry) >= cursor)
            : entries.toReversed().filter((entry) => cursor === undefined || at(entry) <= cursor);
        sendJson(response, 200, { logs: logs.slice(0, limit) });
      },
    },
  ];
}

function findBuild(store: TemplateStore, id: string, buildID: string): Build | undefined {
  const { templateID } = store.template(id);
  return store.builds(templateID).find((build) => build.buildID === buildID.toLowerCase());
}

/** As E2B answers for the status: not as what is missing, but as what was asked wrong. @throws BadRequestError */
function knownBuild(store: TemplateStore, id: string, buildID: string): Build {
  if (!UUID.test(buildID)) throw new BadRequestError('Invalid build id');
  const build = store.findTemplate(id) && findBuild(store, id, buildID);
  if (!build) throw new BadRequestError(`Build '${buildID}' not found`);
  return build;
}

const atLeast = (level: LogLevel) => (entry: LogEntry) => LEVELS.indexOf(entry.level) >= LEVELS.indexOf(level);
const ofStep = (step: string) => (entry: LogEntry) => entry.step === step && atLeast('warn')(entry);
