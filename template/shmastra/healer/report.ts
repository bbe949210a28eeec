import type { Environment } from '../runner/environment.ts';
import type { Log } from '../runner/log.ts';
import type { Diagnosis } from './diagnosis.ts';

/** Waits before the second, third and last try, in milliseconds. */
const RETRY_MS = [1000, 4000, 16_000];
const TIMEOUT_MS = 10_000;

export type Reporter = {
  fetch: typeof fetch;
  wait: (ms: number) => Promise<void>;
  log: Log;
};

/**
 * Tells the control plane about a change of state. Gives up after a few tries, or at once when the control plane says
 * that it doesn't want the report: the next change brings the next report.
 */
export async function report(
  diagnosis: Diagnosis,
  attempt: number,
  environment: Environment,
  { fetch, wait, log }: Reporter,
): Promise<boolean> {
  const { SANDBOX_CONTROL_URL: control, VIRTUAL_KEY: key, SANDBOX_ID: sandboxId, SANDBOX_EPOCH: epoch } = environment;
  if (!control || !key || !sandboxId) return false;
  for (let tries = 0; ; tries++) {
    const status = await post(
      `${control}/api/sandbox/heal`,
      key,
      { sandboxId, epoch: Number(epoch ?? 0), attempt, ...diagnosis },
      fetch,
    );
    if (status >= 200 && status < 300) return true;
    const again = RETRY_MS[tries];
    const worthIt = status === 0 || status === 429 || status >= 500;
    if (!worthIt || again === undefined) {
      log('warn', 'a report was not taken', { status, state: diagnosis.state });
      return false;
    }
    await wait(again);
  }
}

/** The HTTP status, or 0 when nobody answered. */
async function post(url: string, key: string, body: unknown, fetch: Reporter['fetch']): Promise<number> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
}
