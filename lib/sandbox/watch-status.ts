import type { Context } from '../context.ts';
import { readStatus, type StatusView } from './status.ts';

/** Asked this often even without a NOTIFY: one may be lost, and the place in the queue depends on others. */
const POLL_MS = 2_000;

/**
 * The status of a user's sandbox now and after each change, until the signal aborts. While Postgres is away nothing
 * comes; it goes on when it is back. Yields nothing while the user has no sandbox.
 */
export async function* watchStatus(
  context: Pick<Context, 'database' | 'now' | 'log'>,
  userId: string,
  signal: AbortSignal,
): AsyncGenerator<StatusView, void, void> {
  let changed = true;
  let wake = () => {};
  const notice = () => {
    changed = true;
    wake();
  };
  const unlisten = context.database.listen('sandbox_changed', (id) => id === userId && notice(), notice);
  signal.addEventListener('abort', notice, { once: true });
  try {
    for (let last = ''; !signal.aborted;) {
      changed = false;
      const view = await readQuietly(context, userId);
      const text = JSON.stringify(view);
      if (view && text !== last) {
        last = text;
        yield view;
      }
      if (changed || signal.aborted) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    unlisten();
    signal.removeEventListener('abort', notice);
  }
}

async function readQuietly(
  context: Pick<Context, 'database' | 'now' | 'log'>,
  userId: string,
): Promise<StatusView | null> {
  try {
    return await readStatus(context, userId);
  } catch (error) {
    context.log.debug({ err: error }, 'a status could not be read');
    return null;
  }
}
