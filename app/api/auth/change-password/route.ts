import { z } from 'zod';

import { MAX_PASSWORD_LENGTH } from '../../../../lib/auth/password.ts';
import { clientAddress } from '../../../_server/client-address.ts';
import { getAuth } from '../../../_server/context.ts';
import { memberFormRoute } from '../../../_server/form.ts';

// The domain checks the new password; here only what it takes for granted.
const schema = z.object({
  current: z
    .string({ error: 'Enter your current password.' })
    .min(1, 'Enter your current password.')
    .max(MAX_PASSWORD_LENGTH, `A password has at most ${MAX_PASSWORD_LENGTH} characters.`),
  password: z.string({ error: 'Choose a new password.' }),
});

/** Changes the caller's own password. Every session of theirs ends; the browser that asked gets a new one. */
export const POST = memberFormRoute({
  schema,
  async submit(value, request, session) {
    const { cookies } = await getAuth().changePassword({
      ...value,
      session,
      address: clientAddress(request),
      userAgent: request.headers.get('user-agent') ?? undefined,
    });
    return { next: '/account?notice=password_changed', cookies };
  },
  back: () => '/account',
});
