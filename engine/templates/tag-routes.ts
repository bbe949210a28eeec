import { z } from 'zod';
import { BadRequestError, NotFoundError } from '../api/errors.ts';
import { readJson, sendEmpty, sendJson } from '../api/http.ts';
import { BASE_TEMPLATE, checkTags, DEFAULT_TAG, parseTemplateName, withoutNamespace } from './names.ts';
import type { Route, RouteParts } from './route.ts';

const tags = z.array(z.string()).max(50);
const assignSchema = z.object({ target: z.string(), tags });
const removeSchema = z.object({ name: z.string(), tags });

/** What names and tags lead to. */
export function tagRoutes({ store }: RouteParts): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/templates\/aliases\/([^/]+)$/,
      handle: async ({ response, params: [text = ''] }) => {
        const { name, tag } = parseTemplateName(text);
        if (name === BASE_TEMPLATE && (tag ?? DEFAULT_TAG) === DEFAULT_TAG) {
          return sendJson(response, 200, { templateID: BASE_TEMPLATE, public: true });
        }
        const { template } = store.ready(text);
        sendJson(response, 200, { templateID: template.templateID, public: template.public ?? false });
      },
    },
    {
      method: 'POST',
      path: /^\/templates\/tags$/,
      handle: async ({ request, response }) => {
        const body = await readJson(request, assignSchema);
        if (body.tags.length === 0) throw new BadRequestError('At least one tag is required');
        const { name, tag = DEFAULT_TAG } = withoutNamespace(
          parseTemplateName(body.target, 'Invalid target template format'),
        );
        store.template(name);
        const found = store.findReady(`${name}:${tag}`);
        if (!found) throw new NotFoundError(`Template '${body.target}' with tag '${tag}' not found`);
        const assigned = checkTags(body.tags);
        const { templateID, buildID } = found.build;
        await store.setTags(templateID, assigned, buildID);
        sendJson(response, 201, { buildID, tags: assigned });
      },
    },
    {
      method: 'DELETE',
      path: /^\/templates\/tags$/,
      handle: async ({ request, response }) => {
        const body = await readJson(request, removeSchema);
        const removed = checkTags(body.tags);
        if (removed.length === 0) throw new BadRequestError('At least one tag is required');
        if (removed.includes(DEFAULT_TAG)) throw new BadRequestError(`Cannot delete the '${DEFAULT_TAG}' tag`);
        const { name, tag } = withoutNamespace(parseTemplateName(body.name, 'Invalid template name format'));
        if (tag !== undefined) {
          throw new BadRequestError("Template name should not contain a tag, use the 'tags' field instead");
        }
        await store.removeTags(store.template(name).templateID, removed);
        sendEmpty(response, 204);
      },
    },
    {
      method: 'GET',
      path: /^\/templates\/([^/]+)\/tags$/,
      handle: async ({ response, params: [id = ''] }) => {
        const all = Object.entries(store.template(parseTemplateName(id).name).tags);
        sendJson(
          response,
          200,
          all.map(([tag, { buildID, createdAt }]) => ({ tag, buildID, createdAt })),
        );
      },
    },
  ];
}
