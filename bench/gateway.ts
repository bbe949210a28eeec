import { type Candidate, startBare, startDirect, startFull, startNginx, startPortkey } from './gateway/candidates.ts';
import { atOnce, firstChunkAmong, firstChunkOfBurst, manyStreams, oneAtATime, rssMb } from './gateway/measure.ts';
import { streamSize } from './gateway/upstream.ts';
import { median, report, type Target } from './report.ts';

/**
 * What the gateway costs a call, beside nginx and Portkey's gateway, with one provider behind all of them: `full` is the
 * real front with key, limits, meter and usage rows, `bare` the same transport without. All on loopback.
 */
const ROUNDS = 3;
const SEQUENTIAL = 1000;
const AT_ONCE_MS = 3000;
const FLAT_REQUESTS = 100_000;

await measure();

type Round = { p50: number; p99: number; rps: number; cpuUs: number; first1: number; first32: number; burst32: number };

async function measure(): Promise<void> {
  const candidates: Candidate[] = [];
  try {
    const direct = await startDirect();
    candidates.push(direct);
    for (const other of [
      await startNginx(direct.port),
      await startFull(direct.port),
      await startBare(direct.port),
      ...(process.argv.includes('--no-portkey')
        ? []
        : [await startPortkey(direct.port, 'its-node'), await startPortkey(direct.port, 'our-node')]),
    ]) {
      if (other) candidates.push(other);
    }
    const idle = new Map<string, number>();
    for (const candidate of candidates) idle.set(candidate.name, await rssMb(candidate.pid));
    // Compilers have done most of their work after it, of all of them.
    for (const candidate of candidates) await exercise(candidate);
    const rounds = new Map<string, Round[]>(candidates.map(({ name }) => [name, []]));
    for (let index = 0; index < ROUNDS; index++) {
      for (const candidate of candidates) {
        const round = await exercise(candidate);
        rounds.get(candidate.name)?.push(round);
        console.error(`round ${index + 1} ${candidate.name} ${JSON.stringify(round)}`);
      }
    }
    await conclude(candidates, rounds, idle);
  } finally {
    await Promise.all(candidates.map((candidate) => candidate.stop()));
  }
}

async function exercise(candidate: Candidate): Promise<Round> {
  const { p50, p99 } = await oneAtATime(candidate, SEQUENTIAL);
  const { rps, cpuUs } = await atOnce(candidate, AT_ONCE_MS);
  const first1 = await firstChunkAmong(candidate, 1, 10);
  const first32 = await firstChunkAmong(candidate, 32, 8);
  const burst32 = await firstChunkOfBurst(candidate, 32, 5);
  return { p50, p99, rps, cpuUs, first1, first32, burst32 };
}

async function conclude(
  candidates: Candidate[],
  rounds: Map<string, Round[]>,
  idle: Map<string, number>,
): Promise<void> {
  const figures: Record<string, number> = {};
  const of = (name: string, figure: keyof Round) => median((rounds.get(name) ?? []).map((round) => round[figure]));
  for (const { name, pid } of candidates) {
    figures[`${name}_p50_us`] = of(name, 'p50');
    figures[`${name}_p99_us`] = of(name, 'p99');
    figures[`${name}_rps`] = of(name, 'rps');
    figures[`${name}_first_chunk_1_ms`] = hundredths(of(name, 'first1'));
    figures[`${name}_first_chunk_32_ms`] = hundredths(of(name, 'first32'));
    figures[`${name}_first_chunk_burst_32_ms`] = hundredths(of(name, 'burst32'));
    figures[`${name}_cpu_us`] = of(name, 'cpuUs');
    figures[`${name}_rss_idle_mb`] = idle.get(name) ?? 0;
    figures[`${name}_rss_mb`] = await rssMb(pid);
  }
  for (const name of ['nginx', 'full', 'bare', 'portkey', 'portkey_our_node']) {
    if (!rounds.has(name)) continue;
    for (const figure of ['p50', 'p99'] as const)
      figures[`${name}_added_${figure}_us`] = of(name, figure) - of('direct', figure);
  }
  for (const name of ['full', 'bare']) {
    if (!rounds.has('portkey_our_node')) break;
    figures[`${name}_times_portkey_our_node`] = hundredths(of(name, 'rps') / of('portkey_our_node', 'rps'));
  }
  const full = candidates.find(({ name }) => name === 'full');
  const streams = full ? await mostStreams(full, figures) : 0;
  if (full) await memory(full, figures);
  const added1 = of('full', 'first1') - of('direct', 'first1');
  const added32 = of('full', 'first32') - of('direct', 'first32');
  report('gateway', figures, {
    added_p50_us: atMost(450, figures['full_added_p50_us'] ?? Infinity),
    bare_added_p50_us: atMost(300, figures['bare_added_p50_us'] ?? Infinity),
    ...(rounds.has('portkey')
      ? {
          times_portkey: atLeast(4, of('full', 'rps') / of('portkey', 'rps')),
          bare_times_portkey: atLeast(5, of('bare', 'rps') / of('portkey', 'rps')),
        }
      : {}),
    ...(rounds.has('nginx')
      ? {
          of_nginx: atLeast(0.22, of('full', 'rps') / of('nginx', 'rps')),
          bare_of_nginx: atLeast(0.3, of('bare', 'rps') / of('nginx', 'rps')),
        }
      : {}),
    added_first_chunk_1_ms: atMost(1.5, added1),
    added_first_chunk_32_ms: atMost(1.5, added32),
    clean_streams: atLeast(1000, streams),
    rss_mb: atMost(200, figures['full_rss_100k_mb'] ?? Infinity),
    rss_growth_mb: atMost(20, (figures['full_rss_100k_mb'] ?? Infinity) - (figures['full_rss_20k_mb'] ?? 0)),
  });
}

/** The largest of these numbers of streams that all came whole and in time. */
async function mostStreams(full: Candidate, figures: Record<string, number>): Promise<number> {
  let most = 0;
  for (const streams of [100, 500, 1000]) {
    const { clean, failed, short, longestGapMs } = await manyStreams(full, streams, streamSize(30));
    figures[`full_streams_${streams}_failed`] = failed;
    figures[`full_streams_${streams}_short`] = short;
    figures[`full_streams_${streams}_longest_gap_ms`] = longestGapMs;
    if (clean) most = streams;
  }
  figures['full_rss_after_streams_mb'] = await rssMb(full.pid);
  return most;
}

async function memory(full: Candidate, figures: Record<string, number>): Promise<void> {
  let done = 0;
  while (done < FLAT_REQUESTS) {
    done += (await atOnce(full, AT_ONCE_MS)).done;
    if (done >= 20_000) figures['full_rss_20k_mb'] ??= await rssMb(full.pid);
  }
  figures['full_rss_100k_mb'] = await rssMb(full.pid);
}

function atMost(target: number, value: number): Target {
  return { target, value: hundredths(value), ok: value <= target };
}

function atLeast(target: number, value: number): Target {
  return { target, value: hundredths(value), ok: value >= target, least: true };
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
