import { Sandbox } from 'e2b';
import { Broken, kindOf } from './outcomes.ts';
import { attempt, type Turn } from './run.ts';
import { LIFETIME_MS, listByKey, persist } from './settle.ts';
import { Subject } from './subject.ts';

const MAX_SNAPSHOTS = 4;

/** Makes one or two sandboxes from a running one. They start from its disk. */
export async function fork({ run, random }: Turn, subject: Subject, sandbox: Sandbox): Promise<void> {
  const count = random.between(1, 2);
  const { connection } = run.daemon.engine;
  const known = new Set(run.subjects.map(({ id }) => id));
  const forked = await attempt(
    run,
    subject,
    'fork',
    () => Sandbox.fork(sandbox.sandboxId, { ...connection, count, timeoutMs: LIFETIME_MS }),
    ['full', 'rate limited'],
  );
  if (forked.ok) {
    for (const copy of forked.value) {
      if (copy instanceof Error) run.tally.add('fork', `one copy ${kindOf(copy)}`);
      else adopt({ run, random }, subject, copy);
    }
  } else if (forked.interrupted) {
    subject.doubt = { state: true, gone: false };
    // Copies that were made before the engine ended are whole, and are listed.
    for (const { sandboxId } of await listByKey(run, subject.key)) {
      if (known.has(sandboxId)) continue;
      const copy = await persist(run, 'connect to a copy', () =>
        Sandbox.connect(sandboxId, { ...connection, timeoutMs: LIFETIME_MS }),
      );
      if (copy === null) throw new Broken('a listed copy is gone');
      adopt({ run, random }, subject, copy);
    }
  }
}

function adopt({ run }: Turn, source: Subject, sandbox: Sandbox): void {
  const number = run.nextNumber();
  const copy = new Subject(`#${number}`, source.key, source.onTimeout);
  copy.files = new Map(source.files);
  for (const name of source.doubtful) copy.doubtful.add(name);
  copy.sandbox = sandbox;
  copy.note(`forked from ${source.label} ${source.id}`);
  source.note(`has the copy ${copy.label} ${copy.id}`);
  run.subjects.push(copy);
}

export async function snapshot({ run, random }: Turn, subject: Subject, sandbox: Sandbox): Promise<void> {
  if (run.snapshots.length >= MAX_SNAPSHOTS) return dropSnapshot({ run, random }, subject);
  // A file in doubt would be in the copies too: such a sandbox makes none.
  if (subject.doubtful.size > 0) return;
  const files = new Map(subject.files);
  const made = await attempt(run, subject, 'snapshot', () => sandbox.createSnapshot());
  if (made.ok) run.snapshots.push({ id: made.value.snapshotId, files, from: `${subject.label} ${subject.id}` });
  else if (made.interrupted) subject.doubt = { state: true, gone: false };
}

/** Sandboxes made from it go on. */
async function dropSnapshot({ run, random }: Turn, subject: Subject): Promise<void> {
  const dropped = random.pick(run.snapshots);
  if (dropped === undefined) return;
  run.snapshots.splice(run.snapshots.indexOf(dropped), 1);
  const removed = await attempt(
    run,
    subject,
    'delete a snapshot',
    () => Sandbox.deleteSnapshot(dropped.id, run.daemon.engine.connection),
    ['not found'],
  );
  if (removed.ok) subject.note(`deleted the snapshot ${dropped.id}`);
}
