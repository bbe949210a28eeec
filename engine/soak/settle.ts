import { Sandbox } from 'e2b';
import { waitUntil } from '../runtime/wait.ts';
import { Broken, kindOf } from './outcomes.ts';
import { withDeadline, type Run } from './run.ts';
import type { Subject } from './subject.ts';

/** A sandbox that was in doubt lives longer than a test needs. */
export const LIFETIME_MS = 3_600_000;
/** Tries of a call that only asks, while the engine goes down again and again. */
const MAX_TRIES = 50;

/** Asks until the engine is there to answer. `null`: there is no such thing. */
export async function persist<T>(run: Run, what: string, call: () => Promise<T>): Promise<T | null> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    await run.daemon.up();
    const began = performance.now();
    try {
      return await withDeadline(call(), what);
    } catch (error) {
      const kind = kindOf(error);
      if (kind === 'not found') return null;
      if (!run.daemon.wasDownSince(began)) throw error;
    }
  }
  throw new Broken(`${what}: the engine never answered`);
}

/** Finds out what became of a sandbox whose last call was interrupted. */
export async function settle(run: Run, subject: Subject): Promise<void> {
  const { doubt, sandbox } = subject;
  if (doubt === null) return;
  if (sandbox === undefined) return findCreated(run, subject);
  const info = await persist(run, 'the state after an interrupted call', () => sandbox.getInfo());
  if (info === null) {
    if (!doubt.gone) throw new Broken('it is gone, though nothing has killed it');
    subject.over = true;
    subject.note('it is gone');
  } else {
    if (doubt.state) subject.mayHaveStarted();
    else if (info.state !== subject.state) throw new Broken(`it is ${info.state} instead of ${subject.state}`);
    subject.state = info.state;
    subject.note(`it is ${info.state}`);
  }
  subject.doubt = null;
}

/** A create whose answer was lost has made a whole sandbox or none. */
async function findCreated(run: Run, subject: Subject): Promise<void> {
  const { connection } = run.daemon.engine;
  const found = await listByKey(run, subject.key);
  if (found.length > 1) throw new Broken(`one create has made ${found.length} sandboxes`);
  const [info] = found;
  if (info === undefined) {
    subject.over = true;
  } else {
    const sandbox = await persist(run, 'connect to a sandbox whose create was interrupted', () =>
      Sandbox.connect(info.sandboxId, { ...connection, timeoutMs: LIFETIME_MS }),
    );
    if (sandbox === null) throw new Broken('a listed sandbox is gone');
    subject.sandbox = sandbox;
    subject.state = 'running';
    subject.note('the interrupted create has made it');
  }
  subject.doubt = null;
}

export async function listByKey(run: Run, key?: string) {
  const { connection } = run.daemon.engine;
  const list = await persist(run, 'list', async () => {
    const pages = Sandbox.list({
      ...connection,
      limit: 20,
      ...(key === undefined ? {} : { query: { metadata: { soak: key } } }),
    });
    const items = [];
    while (pages.hasNext) items.push(...(await pages.nextItems()));
    return items;
  });
  return list ?? [];
}

/**
 * Polls the state until it is what a timeout leads to.
 * @param wanted asked each time: what may be right changes when the engine stops meanwhile
 */
export async function awaitState(
  run: Run,
  sandbox: Sandbox,
  wanted: () => readonly State[],
  timeoutMs: number,
): Promise<State> {
  let last: State = 'running';
  const reached = await waitUntil(
    async () => {
      const info = await persist(run, 'the state while waiting for a timeout', () => sandbox.getInfo());
      last = info?.state ?? 'gone';
      return wanted().includes(last);
    },
    timeoutMs,
    100,
  );
  if (!reached) throw new Broken(`it is ${last} instead of ${wanted().join(' or ')} long after its timeout`);
  return last;
}

export type State = 'running' | 'paused' | 'gone';
