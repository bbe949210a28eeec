import { createAppSessionVerifier, enterApp, openApp } from '../../lib/apps/index.ts';
import { createAccessChanges } from '../../lib/auth/access-changes.ts';
import { createSessionVerifier } from '../../lib/auth/session.ts';
import type { Context } from '../../lib/context.ts';
import {
  createSandboxCache,
  extendSandbox,
  findSandbox,
  observePaused,
  serverToken,
  wakeSandbox,
  watchStatus,
} from '../../lib/sandbox/index.ts';
import type { FrontServices } from './services.ts';

/** How long a request waits for a wake before it is told to come back. Milliseconds. */
const WAKE_WAIT_MS = 4000;

/** The front's services, given by the domain. */
export function createDomainServices(context: Context): FrontServices & { close(): void } {
  const sessions = createSessionVerifier(context);
  const appSessions = createAppSessionVerifier(context);
  const access = createAccessChanges(context);
  const sandboxes = createSandboxCache(context);
  return {
    verifySession: (cookie) => sessions.verifySession(cookie),
    onAccessChange: access.watch,
    findSandbox: async (userId, options) => {
      if (!options?.fresh) return sandboxes.get(userId);
      // Its own change has just been written; the NOTIFY about it may still be on its way.
      sandboxes.invalidate(userId);
      return (await findSandbox(context, userId)) ?? null;
    },
    wake: (sandbox) =>
      wakeSandbox(context, sandbox, {
        by: { kind: 'user', id: sandbox.user_id },
        reason: 'A request of its user',
        waitMs: WAKE_WAIT_MS,
      }),
    extend: (sandbox) => extendSandbox(context, sandbox),
    observeStopped: async (sandbox) => {
      await observePaused(context, sandbox);
    },
    apps: {
      open: (app) => openApp(context, app),
      enter: (entry) => enterApp(context, entry),
      verify: (cookie, label) => appSessions.verify(cookie, label),
    },
    serverToken: (sandbox) => serverToken(context.settings, sandbox),
    watchStatus: (userId, signal) => watchStatus(context, userId, signal),
    close: () => {
      sessions.close();
      appSessions.close();
      access.close();
      sandboxes.close();
    },
  };
}
