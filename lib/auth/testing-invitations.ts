import type { TestContext } from '../testing.ts';
import { createInvitation } from './invitations.ts';

/** Makes an invitation of `admin`'s. @returns what its link has in it, and how many it replaced */
export async function invite(
  context: TestContext,
  admin: string,
  options: { email?: string; role?: 'member' | 'admin' } = {},
): Promise<{ id: string; token: string; replaced: number }> {
  const { id, url, replaced } = await createInvitation(context, { role: 'member', by: admin, ...options });
  return { id, token: new URL(url).searchParams.get('token') ?? '', replaced };
}
