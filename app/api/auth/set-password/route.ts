import { z } from 'zod';

import { AppError } from '../../../../lib/errors.ts';
import { setPassword } from '../../../../lib/auth/password-links.ts';
import { formRoute } from '../../../_server/form.ts';
import { startSession } from '../../../_server/start-session.ts';

// The domain checks the password; here only what it takes for granted.
const schema = z.object({
  token: z.string({ error: 'Open the link again.' }).max(200),
  password: z.string({ error: 'Choose a password.' }),
});

export const POST = formRoute({
  schema,
  async submit(value, request, context) {
    const { email } = await setPassword(context, value);
    try {
      return { cookies: await startSession(request, context, { email, password: value.password }), next: '/workspace' };
    } catch (error) {
      // The password is set, and the link used up. Whoever guessed before has only closed the way in for a while.
      if (!(error instanceof AppError && error.code === 'too_many_attempts')) throw error;
      return { cookies: [], next: `/sign-in?${new URLSearchParams({ email })}` };
    }
  },
  back: ({ token }) => `/password?${new URLSearchParams({ token })}`,
});
