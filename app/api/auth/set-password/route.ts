import { z } from 'zod';

import { ForbiddenError } from '../../../../lib/errors.ts';
import { setPassword } from '../../../../lib/auth/password-links.ts';
import { clientAddress } from '../../../_server/client-address.ts';
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
    const { email } = await setPassword(context, { ...value, address: clientAddress(request) });
    try {
      return { cookies: await startSession(request, context, { email, password: value.password }), next: '/workspace' };
    } catch (error) {
      if (error instanceof ForbiddenError) throw error;
      // The password is set, and the link used up: there is nothing to try again here.
      context.log.warn({ err: error }, 'nobody was signed in after setting a password');
      return { cookies: [], next: `/sign-in?${new URLSearchParams({ email, notice: 'password_set' })}` };
    }
  },
  back: ({ token }) => `/password?${new URLSearchParams({ token })}`,
});
