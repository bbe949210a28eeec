import { z } from 'zod';

import { setPassword } from '../../../../lib/auth/password-links.ts';
import { clientAddress } from '../../../_server/client-address.ts';
import { enter } from '../../../_server/enter.ts';
import { formRoute } from '../../../_server/form.ts';

// The domain checks the password; here only what it takes for granted.
const schema = z.object({
  token: z.string({ error: 'Open the link again.' }).max(200),
  password: z.string({ error: 'Choose a password.' }),
});

export const POST = formRoute({
  schema,
  async submit(value, request, context) {
    const { email } = await setPassword(context, { ...value, address: clientAddress(request) });
    return enter(request, context, { email, password: value.password }, 'password_set');
  },
  back: ({ token }) => `/password?${new URLSearchParams({ token })}`,
});
