import * as z from 'zod/mini';

import { callApi } from '../api/call.ts';
import type { WakeAnswer } from './wake.ts';

const DEFAULT_WAIT_SECONDS = 1;
const MAX_WAIT_SECONDS = 30;

/** The person's click, as the front wants to hear it. */
export async function askWake(signal: AbortSignal): Promise<WakeAnswer> {
  const fetcher: typeof fetch = (input, init) => {
    const limit = init?.signal;
    return fetch(input, { ...init, signal: limit ? AbortSignal.any([signal, limit]) : signal });
  };
  const result = await callApi('POST', '/api/workspace/wake', z.unknown(), undefined, fetcher);
  if (result.ok) return { kind: 'done' };
  const { code, message, next, retryAfterSeconds } = result.error;
  if (retryAfterSeconds !== undefined || code === 'no_answer' || code === 'http_502' || code === 'http_503') {
    return { kind: 'later', seconds: Math.min(MAX_WAIT_SECONDS, retryAfterSeconds ?? DEFAULT_WAIT_SECONDS) };
  }
  return { kind: 'refused', problem: { code, message, next: next ?? null } };
}
