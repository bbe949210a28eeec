import type { SandboxRow, SandboxStatus } from '../sandbox/state.ts';
import { wakesSandbox, type RequestKind } from './classify.ts';

/** Who asks. Switching a member off ends their sessions, so that they are nobody here; signing in tells them why. */
export type Caller = { state: 'anonymous' } | { state: 'member'; userId: string };

/** The caller's sandbox as the database says; `sandbox_id` is the engine's id, null until it was created. */
export type SandboxState = Pick<SandboxRow, 'status' | 'sandbox_id'>;

export type Refusal = {
  action: 'refuse';
  httpStatus: number;
  code: string;
  message: string;
  next?: string;
  /** Seconds for Retry-After; absent when trying again changes nothing. */
  retryAfterSeconds?: number;
  sandboxStatus?: SandboxStatus;
};

export type Decision = { action: 'forward' } | { action: 'wake' } | Refusal;

export const NOT_SIGNED_IN: Refusal = {
  action: 'refuse',
  httpStatus: 401,
  code: 'not_signed_in',
  message: 'You are not signed in.',
  next: 'Sign in at /sign-in and try again.',
};

const NOT_READY: Record<Exclude<SandboxStatus, 'ready' | 'paused'> | 'none', Omit<Refusal, 'action' | 'httpStatus'>> = {
  none: {
    code: 'sandbox_missing',
    message: 'You have no workspace yet.',
    next: 'Open /workspace to set it up.',
  },
  provisioning: {
    code: 'sandbox_provisioning',
    message: 'Your workspace is being set up.',
    next: 'Open /workspace to follow it.',
    retryAfterSeconds: 2,
  },
  healing: {
    code: 'sandbox_healing',
    message: 'Your workspace is being repaired. Your work is kept.',
    next: 'Open /workspace to follow it.',
    retryAfterSeconds: 5,
  },
  broken: {
    code: 'sandbox_broken',
    message: 'Your workspace could not be repaired by itself.',
    next: 'Ask an admin of your team; /workspace shows the reason.',
  },
};

/** Polls of an open page; a person's click wakes at once whatever this says. */
const ASLEEP_RETRY_SECONDS = 30;

/** What happens to a request of somebody who may enter. */
export function decideForSandbox(sandbox: SandboxState | null, kind: RequestKind): Decision {
  if (sandbox === null) return notReady('none');
  if (sandbox.status === 'paused') return wakesSandbox(kind) ? { action: 'wake' } : asleep();
  if (sandbox.status !== 'ready') return notReady(sandbox.status);
  return sandbox.sandbox_id === null ? notReady('provisioning') : { action: 'forward' };
}

export function asleep(): Refusal {
  return {
    action: 'refuse',
    httpStatus: 503,
    code: 'sandbox_paused',
    message: 'Your workspace is asleep.',
    next: 'Click anywhere in the page to wake it.',
    retryAfterSeconds: ASLEEP_RETRY_SECONDS,
    sandboxStatus: 'paused',
  };
}

/** A wake that takes longer than a request should. */
export function waking(retryAfterSeconds: number): Refusal {
  return {
    action: 'refuse',
    httpStatus: 503,
    code: 'sandbox_waking',
    message: 'Your workspace is waking up.',
    next: 'Try again in a moment.',
    retryAfterSeconds: Math.max(1, Math.ceil(retryAfterSeconds)),
    sandboxStatus: 'paused',
  };
}

function notReady(status: keyof typeof NOT_READY): Refusal {
  const refusal: Refusal = { action: 'refuse', httpStatus: 503, ...NOT_READY[status] };
  if (status !== 'none') refusal.sandboxStatus = status;
  return refusal;
}
