import { setTimeout as sleep } from 'node:timers/promises';
import type { Census } from './census.ts';
import { disposeOnSignal } from '../testing/dispose-on-signal.ts';
import { Daemon } from './daemon.ts';
import { Gate } from './gate.ts';
import { dataFiles, end } from './ending.ts';
import { inspect } from './inspection.ts';
import { Random } from './random.ts';
import { Tally } from './outcomes.ts';
import { watchRefusals } from './refusals.ts';
import type { Failure, Run } from './run.ts';
import { buildTemplate } from './server.ts';
import { strikeAtRandom } from './strikes.ts';
import { takeTurn } from './turns.ts';

export type SoakOptions = {
  seconds: number;
  seed: number;
  /** Sandboxes that may exist at once. */
  sandboxes: number;
  /** Callers at work at the same time. */
  workers: number;
  say(line: string): void;
};

export type SoakResult = {
  seed: number;
  seconds: number;
  operations: ReturnType<Tally['toJSON']>;
  /** Answers 429 and 503 to the SDK, and those of them that did not say when to come again. */
  refusals: { seen: number; without: number };
  census: { first: Census | undefined; last: Census | undefined; worst: Partial<Census> };
  failures: Failure[];
};

/** After so many broken promises more of them tell nothing new. */
const MAX_FAILURES = 10;
/** Time (ms) between two looks at the whole. */
const INSPECTION_MS = 15_000;

/** Has callers use an engine at random while it is brought down again and again, and compares it with what must be. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { seconds, seed, say } = options;
  const random = new Random(seed);
  // Room for fewer machines than sandboxes: some have to wait, to be refused, or to give up their memory.
  const daemon = await Daemon.start({ ENGINE_MAX_RUNNING: String(Math.max(4, Math.ceil(options.sandboxes * 0.7))) });
  const keep = disposeOnSignal(daemon.engine);
  let number = 0;
  const run: Run = {
    ...{ daemon, say, tally: new Tally(), template: 'soak' },
    ...{ subjects: [], snapshots: [], failures: [], abandoned: new Set(), files: new Set() },
    nextNumber: () => (number += 1),
  };
  const refusals = watchRefusals();
  const censuses: Census[] = [];
  const began = performance.now();
  let over = false;
  const goesOn = () => !over && performance.now() - began < seconds * 1000 && run.failures.length < MAX_FAILURES;
  try {
    await buildTemplate(daemon.engine.connection, run.template);
    run.files = dataFiles(daemon.engine.dataDir);
    say(`the template is built; seed ${seed}, ${seconds} s, at most ${options.sandboxes} sandboxes`);
    const gate = new Gate();
    const work = async (own: Random) => {
      while (goesOn() && (await gate.enter())) {
        try {
          await takeTurn({ run, random: own }, options.sandboxes);
        } finally {
          gate.leave();
        }
      }
    };
    const look = async (own: Random) => {
      while (goesOn()) {
        await sleep(Math.min(INSPECTION_MS, 1000 * seconds));
        await gate.alone(async () => void censuses.push(await inspect({ run, random: own })));
        say(progress(run, performance.now() - began, censuses.at(-1)));
      }
    };
    const workers = Array.from({ length: options.workers }, () => work(random.fork()));
    const strikes = strikeAtRandom(run, random.fork(), { goesOn, seconds });
    await Promise.all([...workers, look(random.fork()), strikes]).finally(() => gate.end());
    await end({ run, random: random.fork() });
  } catch (error) {
    run.failures.push({ message: text(error), subject: 'the soak as a whole', history: [] });
    say(`BROKEN: ${text(error)}`);
  } finally {
    // Whoever is still at work after a failure must not bring the engine up again.
    over = true;
    refusals.stop();
    if (run.failures.length > 0) say(`end of the engine's log:\n${(await daemon.engine.log()).slice(-5000)}`);
    await daemon.engine.dispose();
    keep();
  }
  return {
    ...{ seed, seconds: Math.round((performance.now() - began) / 1000), operations: run.tally.toJSON() },
    refusals: { seen: refusals.seen, without: refusals.without },
    census: { first: censuses[0], last: censuses.at(-1), worst: worst(censuses) },
    failures: run.failures,
  };
}

function text(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function worst(censuses: Census[]): Partial<Census> {
  const names = Object.keys(censuses[0] ?? {}) as (keyof Census)[];
  return Object.fromEntries(names.map((name) => [name, Math.max(...censuses.map((census) => census[name]))]));
}

function progress(run: Run, ms: number, census: Census | undefined): string {
  const alive = run.subjects.filter(({ over }) => !over);
  const running = alive.filter(({ state }) => state === 'running').length;
  return (
    `${String(Math.round(ms / 1000)).padStart(5)} s  ${alive.length} sandboxes (${running} running), ` +
    `${run.snapshots.length} snapshots, engine ${census?.engineRss} MiB and ${census?.engineFds} descriptors, ` +
    `data ${census?.dataMb} MiB, ${run.failures.length} broken`
  );
}
