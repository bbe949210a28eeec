import { BadRequestError } from '../api/errors.ts';

/** The tag that is meant when none is named. */
export const DEFAULT_TAG = 'default';
/** The template that is always there. */
export const BASE_TEMPLATE = 'base';

const NAME = /^[a-z0-9][a-z0-9_-]{0,127}$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

export type TemplateName = { name: string; tag: string | undefined };

/**
 * Reads `name` or `name:tag`; names are in lower case, as E2B keeps them.
 * @throws BadRequestError
 */
export function parseTemplateName(text: string): TemplateName {
  const [name = '', tag, ...rest] = text.trim().split(':');
  const lower = name.toLowerCase();
  if (!NAME.test(lower) || rest.length > 0) {
    throw new BadRequestError(
      `'${text.slice(0, 200)}' is not a template name: use a-z, 0-9, - and _, then :tag if wanted`,
    );
  }
  if (tag !== undefined) checkTag(tag);
  return { name: lower, tag };
}

/** @throws BadRequestError */
export function checkTag(tag: string): string {
  if (TAG.test(tag)) return tag;
  throw new BadRequestError(`'${tag.slice(0, 200)}' is not a tag: use letters, digits, ., - and _`);
}
