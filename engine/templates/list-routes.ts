import { z } from 'zod';
import { NotFoundError } from '../api/errors.ts';
import { parse, readJson, sendEmpty, sendJson } from '../api/http.ts';
import { parseTemplateName } from './names.ts';
import { pageOf } from './page.ts';
import { describeBuild, describeTemplate } from './representation.ts';
import type { Route, RouteParts } from './route.ts';
import type { TemplateStore } from './template-store.ts';

const PAGE_LIMIT = 100;
const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT).default(PAGE_LIMIT),
  nextToken: z.string().optional(),
});
const updateSchema = z.object({ public: z.boolean().nullish() });

/** Templates as a whole: seen, changed, deleted. */
export function listRoutes({ store, collect }: RouteParts): Route[] {
  /** @throws NotFoundError */
  const named = (text: string, what = 'Invalid template ID') => store.template(parseTemplateName(text, what).name);
  const update = async (id: string, isPublic: boolean | null | undefined) => {
    const template = named(id);
    if (isPublic != null) await store.setPublic(template.templateID, isPublic);
    return store.template(template.templateID);
  };
  return [
    {
      method: 'GET',
      path: /^\/templates$/,
      handle: async ({ response }) =>
        sendJson(
          response,
          200,
          templates(store).map((template) => describeTemplate(store, template)),
        ),
    },
    {
      method: 'GET',
      path: /^\/v2\/templates$/,
      handle: async ({ response, url }) => {
        const query = parse(pageQuery, Object.fromEntries(url.searchParams));
        const { page, nextToken } = pageOf(templates(store), ({ templateID }) => templateID, query);
        sendJson(
          response,
          200,
          page.map((template) => describeTemplate(store, template)),
          nextToken === null ? {} : { 'x-next-token': nextToken },
        );
      },
    },
    {
      method: 'GET',
      path: /^\/templates\/([^/]+)$/,
      handle: async ({ response, url, params: [id = ''] }) => {
        const query = parse(pageQuery, Object.fromEntries(url.searchParams));
        const template = store.findTemplate(id);
        if (!template) throw new NotFoundError(`Template ${id} not found`);
        const { page, nextToken } = pageOf(store.builds(template.templateID), ({ buildID }) => buildID, query);
        const body = { ...describeTemplate(store, template), builds: page.map(describeBuild) };
        sendJson(response, 200, body, nextToken === null ? {} : { 'x-next-token': nextToken });
      },
    },
    {
      method: 'PATCH',
      path: /^\/templates\/([^/]+)$/,
      handle: async ({ request, response, params: [id = ''] }) => {
        await update(id, (await readJson(request, updateSchema)).public);
        sendJson(response, 200, null);
      },
    },
    {
      method: 'PATCH',
      path: /^\/v2\/templates\/([^/]+)$/,
      handle: async ({ request, response, params: [id = ''] }) => {
        const template = await update(id, (await readJson(request, updateSchema)).public);
        sendJson(response, 200, { names: describeTemplate(store, template).names });
      },
    },
    {
      method: 'DELETE',
      path: /^\/templates\/([^/]+)$/,
      handle: async ({ response, params: [id = ''] }) => {
        await store.removeTemplate(named(id).templateID);
        await collect();
        sendEmpty(response, 204);
      },
    },
  ];
}

/** Snapshots have a list of their own. */
function templates(store: TemplateStore) {
  return store.templates().filter((template) => template.snapshotOf === undefined);
}
