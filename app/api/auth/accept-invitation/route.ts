import { z } from 'zod';

import { acceptInvitation } from '../../../../lib/auth/accept-invitation.ts';
import { enterNewAccount } from '../../../_server/enter.ts';
import { formRoute } from '../../../_server/form.ts';

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
    return enterNewAccount(request, context, { email, password: value.password });
  },
  back: ({ token }) => `/invite?${new URLSearchParams({ token })}`,
});
