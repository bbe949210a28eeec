import { setTimeout as sleep } from 'node:timers/promises';
import { Sandbox } from 'e2b';
import { checkFiles, removeFile, writeFile } from './files.ts';
import { Broken, kindOf } from './outcomes.ts';
import { attempt, withDeadline, type Turn } from './run.ts';
import { checkServer } from './server.ts';
import { awaitState, LIFETIME_MS, persist } from './settle.ts';
import { Subject } from './subject.ts';
import type { Operation } from './turns.ts';

/** What the engine may answer when the machine is full. */
const CROWDED = ['full', 'rate limited'] as const;
/** A timeout has happened this long (ms) after its time, on a busy machine. */
const TIMEOUT_SLACK_MS = 20_000;

export function newSubject({ run, random }: Turn): Subject {
  const number = run.nextNumber();
  const snapshot = random.chance(0.3) ? random.pick(run.snapshots) : undefined;
  const subject = new Subject(`#${number}`, `${number}`, random.chance(0.7) ? 'pause' : 'kill', snapshot);
  if (snapshot) subject.note(`from the snapshot ${snapshot.id} of ${snapshot.from}`);
  run.subjects.push(subject);
  return subject;
}

export async function create({ run, random }: Turn, subject: Subject): Promise<void> {
  const { key, onTimeout, source } = subject;
  const options = {
    ...run.daemon.engine.connection,
    metadata: { soak: key },
    timeoutMs: LIFETIME_MS,
    lifecycle: { onTimeout },
  };
  const created = await attempt(
    run,
    subject,
    source ? 'create from a snapshot' : 'create',
    () => Sandbox.create(source?.id ?? run.template, options),
    // Another worker may have deleted the snapshot.
    source ? [...CROWDED, 'not found'] : CROWDED,
  );
  if (created.ok) subject.sandbox = created.value;
  else if (created.interrupted) subject.doubt = { state: true, gone: true };
  else {
    subject.over = true;
    await sleep(random.between(100, 400));
  }
}

const exec: Operation = async ({ run, random }, subject, sandbox) => {
  const [a, b] = [random.between(1, 999), random.between(1, 999)];
  const result = await attempt(run, subject, 'exec', () => sandbox.commands.run(`echo $((${a} * ${b})); hostname`));
  if (result.ok && result.value.stdout !== `${a * b}\n${subject.id}\n`) {
    throw new Broken(`exec printed ${JSON.stringify(result.value.stdout)}`);
  }
};

/** @param keepMemory false keeps the disk only */
const pause =
  (keepMemory: boolean): Operation =>
  async ({ run }, subject, sandbox) => {
    const name = keepMemory ? 'pause' : 'pause without memory';
    const paused = await attempt(run, subject, name, () => sandbox.pause({ keepMemory }));
    if (!keepMemory) subject.mayHaveStarted();
    if (paused.ok) subject.state = 'paused';
    else subject.doubt = { state: true, gone: false };
  };

/** Two callers at once: it is paused, and at least one of them is told so. */
const pauseTwice: Operation = async ({ run }, subject, sandbox) => {
  const paused = await attempt(run, subject, 'pause twice at once', () =>
    Promise.all([sandbox.pause(), sandbox.pause()]),
  );
  if (!paused.ok) {
    subject.doubt = { state: true, gone: false };
    return;
  }
  subject.state = 'paused';
  const [one, other] = paused.value;
  if (!one && !other) throw new Broken('both callers of pause were told that it was paused before');
};

/** A command that is cut off by a pause ends for its caller, and goes on in the sandbox when it is resumed. */
const pauseDuringExec: Operation = async (turn, subject, sandbox) => {
  const mark = `mark${turn.run.nextNumber()}`;
  const command = sandbox.commands.run(`sleep 1; echo done > /tmp/${mark}`).then(
    () => 'ended',
    () => 'cut off',
  );
  await pause(true)(turn, subject, sandbox);
  await withDeadline(command, 'a command in a sandbox that was paused');
};

export const resume =
  (onResume: 'restore' | 'reboot'): Operation =>
  async ({ run }, subject, sandbox) => {
    const connection = run.daemon.engine.connection;
    const name = onResume === 'reboot' ? 'resume from the disk' : 'resume';
    const resumed = await attempt(
      run,
      subject,
      name,
      () => Sandbox.connect(sandbox.sandboxId, { ...connection, timeoutMs: LIFETIME_MS, onResume }),
      CROWDED,
    );
    if (onResume === 'reboot') subject.mayHaveStarted();
    if (resumed.ok) {
      subject.sandbox = resumed.value;
      subject.state = 'running';
    } else if (resumed.interrupted) subject.doubt = { state: true, gone: false };
  };

/** A short time to live, and then what the sandbox was created with. */
const expire: Operation = async ({ run, random }, subject, sandbox) => {
  const ms = random.between(1, 3) * 1000;
  const { stops } = run.daemon;
  const set = await attempt(run, subject, 'setTimeout', () => sandbox.setTimeout(ms));
  const gone = subject.onTimeout === 'kill';
  if (!set.ok) {
    subject.doubt = { state: true, gone };
    // It may have a short time to live or not: whichever, it must have the long one from here on or be over.
    return giveTime({ run, random }, subject, sandbox);
  }
  const wanted = () => (!gone ? PAUSED : run.daemon.stops === stops ? GONE : GONE_OR_STOPPED);
  const state = await awaitState(run, sandbox, wanted, ms + TIMEOUT_SLACK_MS);
  run.tally.add(state === 'gone' ? 'killed by its timeout' : 'paused by its timeout', 'ok');
  subject.note(`its timeout has happened: it is ${state}`);
  if (state === 'gone') subject.over = true;
  else subject.state = 'paused';
};

const PAUSED = ['paused'] as const;
const GONE = ['gone'] as const;
/** An orderly stop of the engine came first. */
const GONE_OR_STOPPED = ['gone', 'paused'] as const;

/** Makes a time to live that nobody knows into a long one. It may have been over before. */
async function giveTime({ run }: Turn, subject: Subject, sandbox: Sandbox): Promise<void> {
  await persist(run, 'the long timeout again', () =>
    sandbox.setTimeout(LIFETIME_MS).catch((error: unknown) => {
      if (kindOf(error) !== 'conflict') throw error;
    }),
  );
  subject.note('its timeout is long again, or was over');
}

/** Two callers at once may both come; afterwards it is gone. */
export const kill: Operation = async ({ run, random }, subject, sandbox) => {
  const during = random.chance(0.3) ? sandbox.commands.run('sleep 30') : undefined;
  during?.catch(() => {});
  const killed = await attempt(run, subject, during ? 'kill during exec' : 'kill', async () => {
    const results = await Promise.all(random.chance(0.2) ? [sandbox.kill(), sandbox.kill()] : [sandbox.kill()]);
    if (!results.includes(true)) throw new Broken('kill said that there is no such sandbox');
  });
  if (during) {
    await withDeadline(
      during.then(
        () => {},
        () => {},
      ),
      'a command in a sandbox that was killed',
    );
  }
  if (killed.ok) subject.over = true;
  else subject.doubt = { state: true, gone: true };
};

export const check: Operation = async (turn, subject, sandbox) => {
  await checkFiles(turn, subject, sandbox);
  await checkServer(turn, subject);
};

/** Twice the same at once, on a paused sandbox. */
const resumeTwice: Operation = async (turn, subject, sandbox) => {
  const other = Sandbox.connect(sandbox.sandboxId, {
    ...turn.run.daemon.engine.connection,
    timeoutMs: LIFETIME_MS,
  }).catch(() => {});
  await resume('restore')(turn, subject, sandbox);
  await withDeadline(other, 'the second of two callers of connect');
};

export const WHILE_RUNNING: readonly (readonly [weight: number, operation: Operation])[] = [
  [14, exec],
  [16, writeFile],
  [4, removeFile],
  [10, check],
  [10, checkServer],
  [8, pause(true)],
  [4, pause(false)],
  [2, pauseTwice],
  [2, pauseDuringExec],
  [4, expire],
  [4, kill],
];

export const WHILE_PAUSED: readonly (readonly [weight: number, operation: Operation])[] = [
  [12, resume('restore')],
  [2, resume('reboot')],
  [2, resumeTwice],
  [2, kill],
];
