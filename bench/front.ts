import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { z } from 'zod';
import { startBenchFront } from './front-server.ts';
import { median, percentile, report } from './report.ts';

/**
 * What the front adds to a studio request: the same small answer fetched directly and through the front, which checks
 * the session, finds the sandbox and rewrites headers. Three processes on loopback: upstream, front, and this client.
 */
const WARM_UP = 500;
const SEQUENTIAL = 2000;
const CONCURRENCY = 32;
const THROUGHPUT_MS = 3000;
const ROUNDS = 3;

const readySchema = z.object({ port: z.number(), path: z.string(), headers: z.record(z.string(), z.string()) });
type Ready = z.infer<typeof readySchema>;

const role = process.argv[2];
if (role === 'upstream') await upstream();
else if (role === 'front') await front(Number(process.argv[3]));
else await measure();

async function upstream(): Promise<void> {
  const body = JSON.stringify({ agents: 'x'.repeat(1000) });
  const server = createServer((_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    res.end(body);
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object' && address)
      process.send?.({ port: address.port, path: '/api/agents', headers: {} });
  });
}

async function front(upstreamPort: number): Promise<void> {
  const { ready, close } = await startBenchFront(upstreamPort);
  process.on('SIGTERM', () => void close().finally(() => process.exit(0)));
  process.send?.(ready);
}

async function start(children: ChildProcess[], ...args: string[]): Promise<Ready> {
  const child = fork(import.meta.filename, args);
  children.push(child);
  const [message] = (await once(child, 'message')) as [unknown];
  return readySchema.parse(message);
}

async function measure(): Promise<void> {
  const children: ChildProcess[] = [];
  try {
    const direct = await start(children, 'upstream');
    const through = await start(children, 'front', String(direct.port));
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({ direct: await exercise(direct), through: await exercise(through) });
    }
    const p50 = (side: 'direct' | 'through') => median(rounds.map((round) => round[side].p50));
    const rps = (side: 'direct' | 'through') => median(rounds.map((round) => round[side].rps));
    report('front', {
      direct_p50_us: p50('direct'),
      through_p50_us: p50('through'),
      added_p50_us: p50('through') - p50('direct'),
      through_p99_us: median(rounds.map((round) => round.through.p99)),
      direct_rps: rps('direct'),
      through_rps: rps('through'),
    });
  } finally {
    await Promise.all(children.map((child) => stop(child)));
  }
}

async function exercise({ port, path, headers }: Ready): Promise<{ p50: number; p99: number; rps: number }> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONCURRENCY });
  const once = async (): Promise<void> => {
    const answer = await pool.request({ path, method: 'GET', headers });
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`The answer was ${answer.statusCode}.`);
  };
  for (let count = 0; count < WARM_UP; count++) await once();
  const times: number[] = [];
  for (let count = 0; count < SEQUENTIAL; count++) {
    const started = performance.now();
    await once();
    times.push((performance.now() - started) * 1000);
  }
  let done = 0;
  const end = performance.now() + THROUGHPUT_MS;
  const client = async (): Promise<void> => {
    for (; performance.now() < end; done++) await once();
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, client));
  await pool.close();
  const rps = Math.round((done / THROUGHPUT_MS) * 1000);
  return { p50: Math.round(percentile(times, 0.5)), p99: Math.round(percentile(times, 0.99)), rps };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
