import { z } from 'zod';

import { acceptSetup } from '../../../../lib/auth/setup.ts';
import { enterNewAccount } from '../../../_server/enter.ts';
import { formRoute } from '../../../_server/form.ts';

// The domain checks address, name and password; here only what it takes for granted.
const schema = z.object({
  token: z.string({ error: 'Open the set-up link again.' }).max(200),
  email: z.string({ error: 'Enter your e-mail address.' }),
  name: z.string().optional(),
  password: z.string({ error: 'Choose a password.' }),
});

export const POST = formRoute({
  schema,
  async submit(value, request, context) {
    const { email } = await acceptSetup(context, value);
    return enterNewAccount(request, context, { email, password: value.password });
  },
  back: ({ token }) => `/setup?${new URLSearchParams({ token })}`,
});
