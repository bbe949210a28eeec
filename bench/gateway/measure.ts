import { readFile } from 'node:fs/promises';
import { Pool } from 'undici';
import { percentile } from '../report.ts';
import type { Candidate } from './candidates.ts';

const WHOLE = JSON.stringify({
  model: 'gpt-5-mini',
  messages: [{ role: 'user', content: 'Tell me about gateways. '.repeat(20) }],
});
const stream = (frames: number, gapMs: number) =>
  JSON.stringify({
    model: `bench-${frames}-${gapMs}`,
    stream: true,
    stream_options: { include_usage: true },
    messages: [{ role: 'user', content: 'Tell me about gateways.' }],
  });

function open({ port }: Candidate, connections: number): Pool {
  return new Pool(`http://127.0.0.1:${port}`, { connections, headersTimeout: 0, bodyTimeout: 0, pipelining: 1 });
}

async function call(pool: Pool, { path, headers }: Candidate): Promise<void> {
  const answer = await pool.request({ path, method: 'POST', headers, body: WHOLE });
  const body = await answer.body.bytes();
  if (answer.statusCode !== 200 || body.length < 600) throw new Error(`The answer was ${answer.statusCode}.`);
}

/** Times of single calls, one after the other. Microseconds. */
export async function oneAtATime(candidate: Candidate, count: number): Promise<{ p50: number; p99: number }> {
  const pool = open(candidate, 1);
  for (let index = 0; index < 300; index++) await call(pool, candidate);
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    await call(pool, candidate);
    times.push((performance.now() - started) * 1000);
  }
  await pool.close();
  return { p50: Math.round(percentile(times, 0.5)), p99: Math.round(percentile(times, 0.99)) };
}

/** Calls on 32 connections for a time. @returns calls per second, and the processor's time per call in microseconds */
export async function atOnce(
  candidate: Candidate,
  forMs: number,
): Promise<{ rps: number; cpuUs: number; done: number }> {
  const pool = open(candidate, 32);
  let done = 0;
  const client = async (end: number): Promise<void> => {
    for (; performance.now() < end; done++) await call(pool, candidate);
  };
  const clients = (ms: number) => {
    const end = performance.now() + ms;
    return Promise.all(Array.from({ length: 32 }, () => client(end)));
  };
  await clients(500);
  done = 0;
  const cpu = await cpuUs(candidate.pid);
  const started = performance.now();
  await clients(forMs);
  const seconds = (performance.now() - started) / 1000;
  const used = (await cpuUs(candidate.pid)) - cpu;
  await pool.close();
  return { rps: Math.round(done / seconds), cpuUs: Math.round(used / done), done };
}

/** Time to the first chunk with so many streams that all begin in the same instant. Milliseconds, median. */
export async function firstChunkOfBurst(candidate: Candidate, streams: number, rounds: number): Promise<number> {
  const pool = open(candidate, streams);
  const times: number[] = [];
  for (let round = 0; round < rounds + 2; round++) {
    const taken = await Promise.all(Array.from({ length: streams }, () => streamOnce(pool, candidate, 3, 20)));
    if (round >= 2) times.push(...taken.map(({ firstMs }) => firstMs));
  }
  await pool.close();
  return percentile(times, 0.5);
}

/**
 * Time to the first chunk of a stream that begins while others are under way, so many in all: each client has one after
 * the other, and they begin in turn. Milliseconds, median.
 */
export async function firstChunkAmong(candidate: Candidate, streams: number, rounds: number): Promise<number> {
  const pool = open(candidate, streams);
  const times: number[] = [];
  const [frames, gapMs] = [10, 20];
  const client = async (_: unknown, index: number): Promise<void> => {
    await new Promise((done) => setTimeout(done, (index * frames * gapMs) / streams));
    for (let round = 0; round <= rounds; round++) {
      const { firstMs } = await streamOnce(pool, candidate, frames, gapMs);
      // The first one opens its connections.
      if (round > 0) times.push(firstMs);
    }
  };
  await Promise.all(Array.from({ length: streams }, client));
  await pool.close();
  return percentile(times, 0.5);
}

export type StreamFacts = { firstMs: number; longestGapMs: number; bytes: number };

async function streamOnce(
  pool: Pool,
  { path, headers }: Candidate,
  frames: number,
  gapMs: number,
): Promise<StreamFacts> {
  const started = performance.now();
  const answer = await pool.request({ path, method: 'POST', headers, body: stream(frames, gapMs) });
  if (answer.statusCode !== 200)
    throw new Error(`The stream's answer was ${answer.statusCode}: ${await answer.body.text()}`);
  let last = 0;
  const facts: StreamFacts = { firstMs: 0, longestGapMs: 0, bytes: 0 };
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    const now = performance.now();
    if (last === 0) facts.firstMs = now - started;
    else facts.longestGapMs = Math.max(facts.longestGapMs, now - last);
    last = now;
    facts.bytes += chunk.length;
  }
  return facts;
}

/** So many streams at the same time, each of 30 frames in 6 s. */
export async function manyStreams(
  candidate: Candidate,
  streams: number,
  size: number,
): Promise<{ clean: boolean; failed: number; short: number; longestGapMs: number }> {
  const pool = open(candidate, streams);
  const started = Array.from({ length: streams }, async (_, index) => {
    // Not all in one tick: that would measure the client's own connecting.
    await new Promise((done) => setTimeout(done, index));
    return streamOnce(pool, candidate, 30, 200);
  });
  const results = await Promise.allSettled(started);
  await pool.destroy();
  const facts = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.length - facts.length;
  const short = facts.filter(({ bytes }) => bytes !== size).length;
  const longestGapMs = Math.round(Math.max(0, ...facts.map((one) => one.longestGapMs)));
  // A frame every 200 ms: one that comes a whole second late was held up.
  return { clean: failed === 0 && short === 0 && longestGapMs < 1200, failed, short, longestGapMs };
}

/** Resident memory. MB. */
export async function rssMb(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024);
}

/** Time on the processor so far, of the process alone. Microseconds, in steps of 10,000. */
async function cpuUs(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
