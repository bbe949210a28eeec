import type { PollAnswer, StatusPorts } from './follow-status.ts';

const POLL_LIMIT_MILLISECONDS = 10_000;

/** The stream of the front, and our own route to poll while it is lost. */
export const browserPorts: StatusPorts = {
  openStream: () => new EventSource('/api/workspace/status'),
  poll,
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

async function poll(signal: AbortSignal): Promise<PollAnswer> {
  try {
    const response = await fetch('/api/workspace', {
      headers: { accept: 'application/json' },
      cache: 'no-store',
      signal: AbortSignal.any([signal, AbortSignal.timeout(POLL_LIMIT_MILLISECONDS)]),
    });
    if (response.status === 401 || response.status === 403) return { kind: 'signed-out' };
    return response.ok ? { kind: 'status', text: await response.text() } : { kind: 'lost' };
  } catch {
    return { kind: 'lost' };
  }
}
