import { z } from 'zod';

import { acceptInvitation } from '../../../../lib/auth/accept-invitation.ts';
import { formRoute } from '../../../_server/form.ts';
import { startSession } from '../../../_server/start-session.ts';

// The domain checks address, name and password; here only what it takes for granted.
const schema = z.object({
  token: z.string({ error: 'Open the invitation link again.' }).max(200),
  email: z.string().optional(),
  name: z.string().optional(),
  password: z.string({ error: 'Choose a password.' }),
});

export const POST = formRoute({
  schema,
  async submit(value, request, context) {
    const { email } = await acceptInvitation(context, value);
    return { cookies: await startSession(request, context, { email, password: value.password }), next: '/workspace' };
  },
  back: ({ token }) => `/invite?${new URLSearchParams({ token })}`,
});
