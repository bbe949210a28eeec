import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { sendJson } from './respond.ts';

/** Patience with one part. Milliseconds. */
const PATIENCE_MS = 2000;
/** An answer is given again for so long, so that frequent probes cost nothing. Milliseconds. */
const REUSE_MS = 500;

export type HealthCheck = { name: string; check: () => Promise<unknown> };

/** `GET /health`: 200 once a person could sign in, else 503 with what is missing. */
export function createHealthRoute(checks: readonly HealthCheck[], now: () => number = Date.now) {
  let last: { at: number; missing: Promise<string[]> } | null = null;
  const missingParts = (): Promise<string[]> => {
    if (last === null || now() - last.at > REUSE_MS) last = { at: now(), missing: runChecks(checks) };
    return last.missing;
  };
  return async (res: ServerResponse): Promise<void> => {
    const missing = await missingParts();
    if (missing.length === 0) return sendJson(res, 200, { status: 'ok' });
    const message = `Not ready: ${missing.join(', ')}.`;
    const body = { status: 'unavailable', missing, error: { code: 'not_ready', message } };
    sendJson(res, 503, body, { 'retry-after': '1' });
  };
}

async function runChecks(checks: readonly HealthCheck[]): Promise<string[]> {
  const results = await Promise.all(
    checks.map(async ({ name, check }) => {
      const patience = new AbortController();
      const late = delay(PATIENCE_MS, false, { signal: patience.signal }).catch(() => false);
      const answered = check().then(
        () => true,
        () => false,
      );
      const ok = await Promise.race([answered, late]);
      patience.abort();
      return ok ? null : name;
    }),
  );
  return results.filter((name) => name !== null);
}
