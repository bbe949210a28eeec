'use client';

import { useEffect, useState } from 'react';

import { browserPorts } from './browser-ports.ts';
import { followStatus } from './follow-status.ts';
import { workspaceView, type WorkspaceView } from './workspace-view.ts';
import type { WorkspaceStatus } from './workspace-status.ts';

export type WorkspaceProps = {
  initial: WorkspaceStatus;
  /** The server's clock when it rendered the page, milliseconds since 1970. */
  renderedAt: number;
  usualMilliseconds: number | null;
};

const TICK_MILLISECONDS = 100;

export type Workspace = { view: WorkspaceView; status: WorkspaceStatus; now: number };

/** Follows the workspace and tells what to show now; `now` is the server's clock, so that a wrong local one is no harm. */
export function useWorkspace({ initial, renderedAt, usualMilliseconds }: WorkspaceProps): Workspace {
  const [{ status, waitingSince }, setSeen] = useState({ status: initial, waitingSince: renderedAt });
  const [connected, setConnected] = useState(true);
  const [hidden, setHidden] = useState(false);
  const [now, setNow] = useState(renderedAt);

  useEffect(
    () =>
      followStatus(
        {
          onStatus: (next) =>
            setSeen((seen) => ({
              status: next,
              // From here on a wake is being waited for, whatever came before.
              waitingSince:
                next.status === 'paused' && seen.status.status !== 'paused' ? clock(renderedAt) : seen.waitingSince,
            })),
          onConnection: setConnected,
          onSignedOut: () => window.location.assign('/sign-in?returnTo=%2Fworkspace'),
        },
        browserPorts,
      ),
    [renderedAt],
  );

  useEffect(() => {
    const update = () => setHidden(document.visibilityState === 'hidden');
    update();
    document.addEventListener('visibilitychange', update);
    return () => document.removeEventListener('visibilitychange', update);
  }, []);

  useEffect(() => {
    if (hidden) return;
    const timer = setInterval(() => setNow(clock(renderedAt)), TICK_MILLISECONDS);
    return () => clearInterval(timer);
  }, [hidden, renderedAt]);

  const view = workspaceView({ status, now, waitingSince, connected, hidden, usualMilliseconds });
  return { view, status, now };
}

/** The server's time: what it was when the page was rendered plus what has passed since, by the monotonic clock. */
function clock(renderedAt: number): number {
  return renderedAt + performance.now();
}
