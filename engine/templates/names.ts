import { BadRequestError } from '../api/errors.ts';

/** The tag that is meant when none is named. */
export const DEFAULT_TAG = 'default';
/** The template that is always there. */
export const BASE_TEMPLATE = 'base';

const PART = /^[a-z0-9_-]{1,128}$/;
const TAG = /^[a-z0-9_.-]{1,128}$/;
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

export type TemplateName = { name: string; tag: string | undefined };

/**
 * Reads `name`, `name:tag`, or either with a `namespace/` before it; all in lower case, as E2B keeps them.
 * @param what is named in the error, in E2B's words
 * @throws BadRequestError
 */
export function parseTemplateName(text: string, what = 'Invalid template reference'): TemplateName {
  const trimmed = text.trim();
  const colon = trimmed.indexOf(':');
  const identifier = colon === -1 ? trimmed : trimmed.slice(0, colon);
  const tag = colon === -1 ? undefined : clean(trimmed.slice(colon + 1), TAG, `${what}: invalid tag`);
  const slash = identifier.indexOf('/');
  const namespace = slash === -1 ? [] : [clean(identifier.slice(0, slash), PART, `${what}: invalid namespace`)];
  const name = clean(identifier.slice(slash + 1), PART, `${what}: invalid template ID`);
  return { name: [...namespace, name].join('/'), tag };
}

/** Of the name of a template that is to be made or changed: there are no teams here that could be its namespace. */
export function withoutNamespace(parsed: TemplateName): TemplateName {
  const [namespace, name] = parsed.name.split('/');
  if (name === undefined) return parsed;
  throw new BadRequestError(`namespace '${namespace}' is not yours: this engine has no namespaces`);
}

/** In lower case and without duplicates. @throws BadRequestError */
export function checkTags(tags: string[]): string[] {
  const cleaned = tags.map((tag) => {
    const lower = clean(tag, TAG, `Invalid tag: invalid tag '${tag.slice(0, 200)}': invalid tag`);
    if (UUID.test(lower)) throw new BadRequestError(`Invalid tag: invalid tag '${tag}': tag cannot be a UUID`);
    return lower;
  });
  return [...new Set(cleaned)];
}

function clean(text: string, pattern: RegExp, problem: string): string {
  const lower = text.trim().toLowerCase();
  if (pattern.test(lower)) return lower;
  throw new BadRequestError(`${problem}: ${text.slice(0, 200)}`);
}
