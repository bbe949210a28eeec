import { loadavg } from 'node:os';
import { Template, waitForPort } from 'e2b';
import { TestEngine } from '../engine/testing/engine.ts';
import { type Samples, measureLoad, measureSpares, spareAtRest } from './engine-load.ts';
import { measureFootprint } from './engine-footprint.ts';
import { median, percentile, report, type Target } from './report.ts';

/**
 * What callers of the engine wait for, and what sandboxes cost: a real engine in a process of its own, driven with the
 * SDK. Milliseconds, mebibytes, kibibytes. Needs root and takes a few minutes.
 */
const ROUNDS: [atOnce: number, rounds: number][] = [
  [1, 20],
  [8, 3],
  [32, 1],
];

/** Of the benchmark's own template, which starts a server. */
const SERVER = 'bench-server';
const SERVER_PORT = 8080;

const TARGETS: [figure: string, most: number][] = [
  ['create_1_p50_ms', 150],
  ['create_1_p99_ms', 400],
  ['resume_to_http_1_p50_ms', 30],
  ['exec_1_p50_ms', 10],
  ['envd_rss_mb', 60],
];

const load = loadavg()[0] ?? 0;
console.log(`Load of the machine at the start: ${load.toFixed(2)}`);
const starting = TestEngine.start({ env: { ENGINE_WARM_POOL: process.env.ENGINE_WARM_POOL ?? '1' } });
// It may be disposed of twice: what is gone is no error.
const interrupted = (): void => {
  void starting.then((started) => started.dispose()).finally(() => process.exit(130));
};
process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
const engine = await starting;
try {
  const template = Template()
    .fromTemplate('base')
    .setStartCmd(`python3 -m http.server ${SERVER_PORT}`, waitForPort(SERVER_PORT));
  await Template.build(template, SERVER, engine.connection);
  // Of a new engine that has come to rest.
  await spareAtRest(engine);

  const figures: Record<string, number> = { load_at_start: round(load) };
  for (const [atOnce, rounds] of ROUNDS) {
    const samples: Samples = new Map();
    for (let count = 0; count < rounds; count += 1) {
      await measureLoad({ engine, template: SERVER, port: SERVER_PORT, atOnce, samples });
    }
    add(figures, samples, String(atOnce));
    console.log(`${atOnce} at a time: done`);
  }
  const spares: Samples = new Map();
  // Without a pool no spare would ever come.
  if (process.env.ENGINE_WARM_POOL !== '0') await measureSpares(engine, SERVER, spares);
  add(figures, spares, '1');
  Object.assign(figures, await measureFootprint(engine, SERVER));
  figures.load_at_end = round(loadavg()[0] ?? 0);

  const targets = TARGETS.map(([name, target]): [string, Target] => {
    const value = figures[name] ?? Number.NaN;
    return [name, { target, value, ok: value <= target }];
  });
  report('engine', figures, Object.fromEntries(targets));
} finally {
  await engine.dispose();
}

function add(figures: Record<string, number>, samples: Samples, suffix: string): void {
  for (const [name, values] of samples) {
    figures[`${name}_${suffix}_p50_ms`] = round(median(values));
    figures[`${name}_${suffix}_p99_ms`] = round(percentile(values, 0.99));
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
