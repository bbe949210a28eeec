import type { Metadata } from 'next';
import { redirect } from 'next/navigation';

import { DemoBadge } from '../../components/ui/demo-badge.tsx';
import { Prefetch } from '../../components/ui/prefetch.tsx';
import { Shell } from '../../components/ui/shell.tsx';
import { Workspace } from '../../components/workspace/workspace.tsx';
import { listAdminContacts } from '../../lib/auth/team.ts';
import { ensureSandbox } from '../../lib/sandbox/ensure.ts';
import { readStatus } from '../../lib/sandbox/status.ts';
import { getContext } from '../_server/context.ts';
import { usesDemoModel } from '../_server/demo.ts';
import { searchValue, type SearchParams } from '../_server/search.ts';
import { studioEntryFiles } from '../_server/studio-files.ts';
import { studioTarget } from '../_server/studio-target.ts';
import { usualTime } from '../_server/usual-time.ts';
import { requireViewer } from '../_server/viewer.ts';

export const metadata: Metadata = { title: 'Workspace' };

export default async function WorkspacePage({ searchParams }: { searchParams: SearchParams }) {
  const context = getContext();
  const returnTo = await searchValue(searchParams, 'returnTo');
  const target = studioTarget(returnTo);
  const viewer = await requireViewer(returnTo ? `/workspace?returnTo=${encodeURIComponent(target)}` : '/workspace');
  // The first visit queues the set-up before anything is rendered. It wakes nothing: that takes a visible page.
  const sandbox = await ensureSandbox(context, viewer.userId);
  // Straight on, unless Studio has just sent the person here: then the page watches for going in circles.
  if (sandbox.status === 'ready' && !returnTo) redirect(target);
  const status = await readStatus(context, viewer.userId);
  if (!status) redirect('/workspace');
  const firstVisit = sandbox.epoch === 1 && sandbox.last_activity_at === null;
  return (
    <Shell width="column" at="/workspace" viewer={{ email: viewer.email, role: viewer.role }}>
      <Workspace
        initial={status}
        renderedAt={context.now().getTime()}
        usualMilliseconds={usualTime(context)}
        target={target}
        email={viewer.email}
        admins={await listAdminContacts(context)}
        isAdmin={viewer.role === 'admin'}
        firstVisit={firstVisit}
      />
      {usesDemoModel(context.settings) ? (
        <div className="mt-8">
          <DemoBadge />
        </div>
      ) : null}
      <Prefetch files={await studioEntryFiles()} />
    </Shell>
  );
}
