import { headers } from 'next/headers';
import { forbidden, redirect } from 'next/navigation';

import type { Session } from '../../lib/auth/session.ts';
import { getSessions } from './context.ts';

/** Who looks at the page, or null. Throws when Postgres is away: then nobody knows. */
export async function findViewer(): Promise<Session | null> {
  return getSessions().verifySession((await headers()).get('cookie'));
}

/** Who looks at the page; others sign in first and come back to `path`. */
export async function requireViewer(path: string): Promise<Session> {
  const session = await findViewer();
  if (session) return session;
  redirect(`/sign-in?returnTo=${encodeURIComponent(path)}`);
}

/** For pages that have nothing for who is signed in, such as why somebody is not let in: they go to the workspace. */
export async function sendViewerOn(): Promise<void> {
  if (await findViewer()) redirect('/workspace');
}

/** An admin; members get the page that says so, with status 403. */
export async function requireAdmin(path: string): Promise<Session> {
  const session = await requireViewer(path);
  if (session.role !== 'admin') forbidden();
  return session;
}
