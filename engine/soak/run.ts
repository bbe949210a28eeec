import { setTimeout as sleep } from 'node:timers/promises';
import type { Daemon } from './daemon.ts';
import { Broken, errorText, kindOf, type Kind, type Tally } from './outcomes.ts';
import type { Random } from './random.ts';
import type { Snapshot, Subject } from './subject.ts';

/** No call may hang, whatever happens to the engine (ms). */
const CALL_MS = 60_000;

export type Failure = { message: string; subject: string; history: string[] };

/** What the parts of a soak share. */
export type Run = {
  daemon: Daemon;
  tally: Tally;
  template: string;
  subjects: Subject[];
  snapshots: Snapshot[];
  failures: Failure[];
  /** Ids of sandboxes that broke a promise and that nobody uses any more. */
  abandoned: Set<string>;
  /** In the engine's data folder before there was any sandbox. */
  files: Set<string>;
  nextNumber(): number;
  say(line: string): void;
};

/** What an operation gets: a run, and random choices of its own. */
export type Turn = { run: Run; random: Random };

export type Outcome<T> = { ok: true; value: T } | { ok: false; kind: Kind; interrupted: boolean };

/**
 * Makes one call to the engine. A call that failed while the engine was down is part of the game: the subject is in
 * doubt then.
 * @param expected other failures that are right here
 * @throws Broken for every other failure, and when the call does not end
 */
export async function attempt<T>(
  run: Run,
  subject: Subject,
  operation: string,
  call: () => Promise<T>,
  expected: readonly Kind[] = [],
): Promise<Outcome<T>> {
  const began = performance.now();
  const note = (outcome: string) => {
    const text = `${operation}: ${outcome} (${Math.round(performance.now() - began)} ms)`;
    subject.note(text);
  };
  try {
    const value = await withDeadline(call(), operation);
    run.tally.add(operation, 'ok');
    note('ok');
    return { ok: true, value };
  } catch (error) {
    if (error instanceof Broken) throw error;
    const kind = kindOf(error);
    const interrupted = run.daemon.wasDownSince(began) && (kind === 'unreachable' || kind === 'full');
    note(`${interrupted ? 'interrupted' : kind}: ${errorText(error).slice(0, 200)}`);
    if (!interrupted && !expected.includes(kind)) {
      run.tally.add(operation, `UNEXPECTED ${kind}`);
      throw new Broken(`${operation}: ${errorText(error)}`, { cause: error });
    }
    run.tally.add(operation, interrupted ? 'interrupted by the end of the engine' : kind);
    return { ok: false, kind, interrupted };
  }
}

export async function withDeadline<T>(promise: Promise<T>, what: string, ms = CALL_MS): Promise<T> {
  const stop = new AbortController();
  // Its failure after the deadline is nobody's business any more.
  promise.catch(() => {});
  try {
    return await Promise.race([
      promise,
      sleep(ms, undefined, { signal: stop.signal }).then(() => {
        throw new Broken(`${what} did not end within ${ms} ms`);
      }),
    ]);
  } finally {
    stop.abort();
  }
}

/** Names a broken promise, with all that was done to the sandbox. */
export function report(run: Run, subject: Subject, error: unknown): void {
  const message = errorText(error);
  run.abandoned.add(subject.id);
  run.failures.push({ message, subject: `${subject.label} ${subject.id}`, history: [...subject.history] });
  run.say(`BROKEN: ${subject.label} ${subject.id}: ${message}`);
}
