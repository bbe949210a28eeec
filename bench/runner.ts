import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { treeMemory } from './process-tree.ts';
import { median, percentile, report, type Target } from './report.ts';
import { Subject } from './runner-subject.ts';

/**
 * The runner beside `mastra dev`, one after the other on copies of the starter project: how long until it serves, what it
 * holds in memory, how soon an edit is live, and what the requests that come in meanwhile get. Milliseconds, mebibytes.
 */
const BOOTS = { dev: 2, runner: 3 };
const EDITS = { dev: 3, runner: 500 };
const EDIT_DEADLINE_MS = { dev: 180_000, runner: 30_000 };
const SAMPLE_EVERY = 20;
const POLL_MS = 10;
const SETTLE_MS = 3000;
/** An app process that has grown to this share of its limit is replaced as soon as nobody uses it. */
const MOST_RSS_MB = 1024 * 0.6 + 200;

type Figures = {
  boot: number;
  rss: number;
  pss: number;
  edits: number[];
  refused: number;
  downPerEdit: number;
  overEdits: number[];
};

const subjects = { dev: await Subject.prepare('dev'), runner: await Subject.prepare('runner') };
const remove = () => Promise.all(Object.values(subjects).map((subject) => subject.remove()));
process.once('SIGINT', () => void remove().finally(() => process.exit(130)));
process.once('SIGTERM', () => void remove().finally(() => process.exit(143)));
try {
  const load = loadavg()[0] ?? 0;
  console.log(`Load of the machine at the start: ${load.toFixed(2)}`);
  const dev = await measure('dev');
  const runner = await measure('runner');
  const figures = {
    load_at_start: Math.round(load * 10) / 10,
    dev_boot_ms: dev.boot,
    runner_boot_ms: runner.boot,
    dev_rss_mb: dev.rss,
    runner_rss_mb: runner.rss,
    dev_pss_mb: dev.pss,
    runner_pss_mb: runner.pss,
    dev_edit_to_live_p50_ms: median(dev.edits),
    runner_edit_to_live_p50_ms: median(runner.edits),
    runner_edit_to_live_p99_ms: percentile(runner.edits, 0.99),
    dev_refused: dev.refused,
    runner_refused: runner.refused,
    dev_down_per_edit_ms: dev.downPerEdit,
    runner_down_per_edit_ms: runner.downPerEdit,
    runner_reloads: runner.edits.length,
    runner_rss_first_mb: runner.overEdits[0] ?? Number.NaN,
    runner_rss_max_mb: Math.max(...runner.overEdits),
    runner_rss_last_mb: runner.overEdits.at(-1) ?? Number.NaN,
    load_at_end: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
  const share = (part: number, whole: number) => Math.round((part / whole) * 1000) / 1000;
  report('runner', figures, {
    boot_share_of_dev: atMost(1 / 8, share(runner.boot, dev.boot)),
    rss_share_of_dev: atMost(1 / 4, share(runner.rss, dev.rss)),
    edit_to_live_p50_ms: atMost(150, figures.runner_edit_to_live_p50_ms),
    edit_to_live_p99_ms: atMost(400, figures.runner_edit_to_live_p99_ms),
    refused_requests: atMost(0, runner.refused),
    rss_max_over_reloads_mb: atMost(Math.round(MOST_RSS_MB), figures.runner_rss_max_mb),
  });
} finally {
  await remove();
}

async function measure(name: 'dev' | 'runner'): Promise<Figures> {
  const subject = subjects[name];
  const boots: number[] = [];
  for (let count = 0; count < BOOTS[name]; count++) {
    await subject.stop();
    boots.push(await subject.boot());
  }
  console.log(`${name}: boots ${boots.join(', ')} ms`);
  await sleep(SETTLE_MS);
  const { rss, pss } = treeMemory(subject.pid);
  const poller = poll(subject);
  const edits: number[] = [];
  const overEdits = [treeMemory(subject.pid).rss];
  for (let count = 1; count <= EDITS[name]; count++) {
    edits.push(await subject.edit(`Edit ${count}`, EDIT_DEADLINE_MS[name]));
    if (count % SAMPLE_EVERY === 0) overEdits.push(treeMemory(subject.pid).rss);
  }
  console.log(`${name}: ${edits.length} edits, median ${median(edits)} ms`);
  const { refused, downMs } = await poller.stop();
  overEdits.push(treeMemory(subject.pid).rss);
  console.log(`${name}: RSS over the edits ${overEdits.join(', ')} MB`);
  await subject.stop();
  // The best of each: what is slower is the machine.
  return {
    boot: Math.min(...boots),
    rss,
    pss,
    edits,
    refused,
    downPerEdit: Math.round(downMs / edits.length),
    overEdits,
  };
}

/** Asks all the time. A request that is not answered with 200 is refused; down is the time until one is answered again. */
function poll(subject: Subject): { stop: () => Promise<{ refused: number; downMs: number }> } {
  const stopped = new AbortController();
  let refused = 0;
  let downMs = 0;
  const polling = (async () => {
    let lastGood = performance.now();
    let down = false;
    while (!stopped.signal.aborted) {
      const good = (await subject.ask()) === 200;
      if (!good) refused++;
      if (good && down) downMs += performance.now() - lastGood;
      if (good) lastGood = performance.now();
      down = !good;
      await sleep(POLL_MS);
    }
  })();
  return {
    stop: async () => {
      stopped.abort();
      await polling;
      return { refused, downMs };
    },
  };
}

function atMost(target: number, value: number): Target {
  return { target, value, ok: value <= target };
}
