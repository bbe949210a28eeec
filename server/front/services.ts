import type { AppSession, EnteredApp, OpenApp } from '../../lib/apps/index.ts';
import type { SandboxRow } from '../../lib/sandbox/index.ts';

/**
 * What the front needs of the domain. `domain-services.ts` gives the real ones; tests of a route give the few that it
 * uses.
 */
export type FrontSession = { id: string; userId: string; role: 'member' | 'admin' };

export type FrontSandbox = SandboxRow;

export type WakeResult = 'ready' | { retryAfterSeconds: number };

export type FrontServices = {
  /** Null when nobody is signed in; also for a member whose access was switched off, whose sessions have ended. */
  verifySession(cookie: string | undefined): Promise<FrontSession | null>;
  /** Calls back when the user's sessions or membership change. Returns how to stop that. */
  onAccessChange(userId: string, onChange: () => void): () => void;
  findSandbox(userId: string, options?: { fresh?: boolean }): Promise<FrontSandbox | null>;
  /** Wakes it, waiting no longer than a request should. */
  wake(sandbox: FrontSandbox): Promise<WakeResult>;
  /** Moves the engine's idle timeout, at most about once a minute per sandbox. */
  extend(sandbox: FrontSandbox): Promise<void>;
  /** The engine seems not to run it: the row is brought in line with what the engine says. */
  observeStopped(sandbox: FrontSandbox): Promise<void>;
  apps: {
    /** An address that leads into one of the person's own apps, once. */
    open(app: OpenApp): Promise<string>;
    /** Uses up the ticket of such an address; null when it opens nothing at this origin. */
    enter(entry: { ticket: string; label: string }): Promise<EnteredApp | null>;
    /** The session of this apps' origin; null when there is none. */
    verify(cookie: string | undefined, label: string): Promise<AppSession | null>;
  };
  serverToken(sandbox: FrontSandbox): string;
  /** Status of the caller's sandbox, now and at every change, until the signal aborts. */
  watchStatus(userId: string, signal: AbortSignal): AsyncIterable<unknown>;
};
