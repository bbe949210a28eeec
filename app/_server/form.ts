import type { z } from 'zod';

import type { Context } from '../../lib/context.ts';
import { AppError } from '../../lib/errors.ts';
import { answerError, answerJson, answerSeeOther } from './answer.ts';
import { readBody } from './body.ts';
import { publicRoute } from './route.ts';

type Done = { next: string; cookies: readonly string[] };

type FormRoute<T> = {
  schema: z.ZodType<T>;
  /** Does the work; says where the browser goes next, a path of ours. */
  submit(value: T, request: Request, context: Context): Promise<Done>;
  /** After a plain post that failed: back to the form. The code is added to the query. */
  back(value: T): string;
};

/** Codes that have a page of their own. */
const pages: Record<string, string> = { account_disabled: '/disabled', not_a_member: '/not-a-member' };

/** A form of the way in: JSON from our script, or a plain post from before it had loaded, answered by redirects. */
export function formRoute<T>({ schema, submit, back }: FormRoute<T>) {
  return publicRoute(async (request, context) => {
    const { value, plainForm } = await readBody(request, schema);
    try {
      const { next, cookies } = await submit(value, request, context);
      return plainForm ? answerSeeOther(next, cookies) : answerJson({ next }, { cookies });
    } catch (error) {
      const code = error instanceof AppError ? error.code : 'internal';
      if (!plainForm) return answerError(error, context.log, request.headers.get('x-request-id'));
      if (code === 'internal') context.log.error({ err: error }, 'a form failed');
      const form = back(value);
      return answerSeeOther(pages[code] ?? `${form}${form.includes('?') ? '&' : '?'}error=${encodeURIComponent(code)}`);
    }
  });
}
