import { z } from 'zod';

import { safeReturnTo } from '../../../../lib/auth/return-to.ts';
import { formRoute } from '../../../_server/form.ts';
import { startSession } from '../../../_server/start-session.ts';

const schema = z.object({
  email: z.string({ error: 'Enter your e-mail address.' }).trim().min(1, 'Enter your e-mail address.').max(254),
  password: z.string({ error: 'Enter your password.' }).min(1, 'Enter your password.').max(128),
  returnTo: z.string().max(2_000).optional(),
});

export const POST = formRoute({
  schema,
  async submit({ email, password, returnTo }, request, context) {
    return { cookies: await startSession(request, context, { email, password }), next: safeReturnTo(returnTo) };
  },
  back: ({ email, returnTo }) => `/sign-in?${new URLSearchParams({ returnTo: safeReturnTo(returnTo), email })}`,
});
