import type { z } from 'zod';

import type { Session } from '../../lib/auth/session.ts';
import type { Context } from '../../lib/context.ts';
import { AppError } from '../../lib/errors.ts';
import { answerError, answerJson, answerSeeOther } from './answer.ts';
import { readBody } from './body.ts';
import { memberRoute, publicRoute } from './route.ts';

type Done = { next: string; cookies: readonly string[] };

type FormRoute<T, Caller> = {
  schema: z.ZodType<T>;
  /** Does the work; says where the browser goes next, a path of ours. */
  submit(value: T, request: Request, caller: Caller): Promise<Done>;
  /** After a plain post that failed: back to the form. The code is added to the query. */
  back(value: T): string;
};

/** Codes that have a page of their own. */
const pages: Record<string, string> = { account_disabled: '/disabled', not_a_member: '/not-a-member' };

/** A form of the way in: JSON from our script, or a plain post from before it had loaded, answered by redirects. */
export function formRoute<T>(form: FormRoute<T, Context>) {
  return publicRoute((request, context) => answerForm(form, request, context, context));
}

/** The same for people who are signed in. */
export function memberFormRoute<T>(form: FormRoute<T, Session>) {
  return memberRoute((request, { context, session }) => answerForm(form, request, context, session));
}

async function answerForm<T, Caller>(
  { schema, submit, back }: FormRoute<T, Caller>,
  request: Request,
  context: Context,
  caller: Caller,
): Promise<Response> {
  const { value, plainForm } = await readBody(request, schema);
  try {
    const { next, cookies } = await submit(value, request, caller);
    return plainForm ? answerSeeOther(next, cookies) : answerJson({ next }, { cookies });
  } catch (error) {
    const code = error instanceof AppError ? error.code : 'internal';
    if (!plainForm) return answerError(error, context.log, request.headers.get('x-request-id'));
    if (code === 'internal') context.log.error({ err: error }, 'a form failed');
    const form = back(value);
    return answerSeeOther(pages[code] ?? `${form}${form.includes('?') ? '&' : '?'}error=${encodeURIComponent(code)}`);
  }
}
