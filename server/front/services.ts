import type { SandboxStatus } from '../../lib/mastra-proxy/decide.ts';

/**
 * What the front needs of the domain. `domain-services.ts` gives the real ones; tests of a route give the few that it
 * uses.
 */
export type FrontSession = { userId: string; role: 'member' | 'admin' };

export type FrontSandbox = {
  /** Id of our row. */
  id: string;
  userId: string;
  /** The engine's id, null until the sandbox was created. */
  sandboxId: string | null;
  status: SandboxStatus;
  epoch: number;
};

export type WakeResult = 'ready' | { retryAfterSeconds: number };

export type FrontServices = {
  /** Null when nobody is signed in; `disabled` for a member whose access was switched off. */
  verifySession(cookie: string | undefined): Promise<FrontSession | 'disabled' | null>;
  findSandbox(userId: string, options?: { fresh?: boolean }): Promise<FrontSandbox | null>;
  wake(sandbox: FrontSandbox, reason: string): Promise<WakeResult>;
  /** Moves the engine's idle timeout, at most about once a minute per sandbox. */
  extend(sandbox: FrontSandbox): Promise<void>;
  /** The engine says that the sandbox does not run: the database learns why. */
  observeStopped(sandbox: FrontSandbox): Promise<void>;
  serverToken(sandbox: FrontSandbox): string;
  /** Status of the caller's sandbox, now and at every change, until the signal aborts. */
  watchStatus(userId: string, signal: AbortSignal): AsyncIterable<unknown>;
};
