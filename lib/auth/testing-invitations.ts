import type { TestContext } from '../testing.ts';
import { createInvitation } from './invitations.ts';

/** Makes an invitation of `admin`'s. @returns what its link has in it, too */
export async function invite(
  context: TestContext,
  admin: string,
  options: { email?: string; role?: 'member' | 'admin' } = {},
): Promise<{ id: string; token: string }> {
  const { id, url } = await createInvitation(context, { role: 'member', by: admin, ...options });
  return { id, token: new URL(url).searchParams.get('token') ?? '' };
}
