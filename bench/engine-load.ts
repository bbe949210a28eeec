import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Sandbox } from 'e2b';
import type { TestEngine } from '../engine/testing/engine.ts';

/** Milliseconds by operation. */
export type Samples = Map<string, number[]>;

const EXECS_PER_SANDBOX = 5;
const FILE_BYTES = 1024 * 1024;
const SPARE_ROUNDS = 6;
/** Longest launch of a spare, which a create sets off in the background. */
const REST_DEADLINE_MS = 10_000;
const REST_LOOK_MS = 1_000;
const SPARE_DEADLINE_MS = 20_000;
const ANSWER_DEADLINE_MS = 10_000;
const TIMEOUT_MS = 600_000;

type Load = { engine: TestEngine; template: string; port: number; atOnce: number; samples: Samples };

/**
 * One life of `atOnce` sandboxes: all do the same step at the same time, and nobody begins the next one before all are
 * done. Every step counts from the SDK's call to its answer.
 */
export async function measureLoad({ engine, template, port, atOnce, samples }: Load): Promise<void> {
  const { connection } = engine;
  const everybody = <Item, Result>(name: string, items: Item[], step: (item: Item) => Promise<Result>) =>
    Promise.all(items.map((item) => timed(samples, name, () => step(item))));
  const places = Array.from({ length: atOnce });

  const bare = await everybody('create', places, () => createAndRun('base', connection));
  await Promise.all(bare.map((sandbox) => sandbox.kill()));
  const sandboxes = await everybody('create_with_server', places, () => createAndRun(template, connection));

  const execs = async (name: string) => {
    for (let count = 0; count < EXECS_PER_SANDBOX; count += 1) {
      await everybody(name, sandboxes, (sandbox) => sandbox.commands.run('true'));
    }
  };
  // The creates set off the launch of the next spares: commands meet it at first, and then have the machine to themselves.
  await execs('exec_beside_launch');
  await spareAtRest(engine);
  await execs('exec');
  // What starting a process costs on this machine at this moment, without a sandbox: the figure to see `exec` beside.
  if (atOnce === 1) await timed(samples, 'host_spawn', async () => once(spawn('/bin/true'), 'exit'));
  const content = new Uint8Array(FILE_BYTES).fill(97).buffer;
  await everybody('file_write_read_1mb', sandboxes, async (sandbox) => {
    await sandbox.files.write('/home/user/file', content);
    const { length } = await sandbox.files.read('/home/user/file');
    if (length !== FILE_BYTES) throw new Error(`${length} bytes were read`);
  });
  // Its server is up and has answered once: what is measured after the pause is the resume.
  await Promise.all(sandboxes.map((sandbox) => untilAnswered(engine, sandbox.sandboxId, port)));
  await everybody('pause', sandboxes, (sandbox) => sandbox.pause());
  await everybody('resume_to_http', sandboxes, async ({ sandboxId }) => {
    await Sandbox.connect(sandboxId, { ...connection, timeoutMs: TIMEOUT_MS });
    await answer(engine, sandboxId, port);
  });
  const forks = await everybody('fork', sandboxes, (sandbox) => sandbox.fork({ timeoutMs: TIMEOUT_MS }));
  for (const fork of forks.flat()) {
    if (fork instanceof Error) throw fork;
    await fork.kill();
  }
  await everybody('kill', sandboxes, (sandbox) => sandbox.kill());
}

/** Resolves when the engine launches no spare any more, which its log tells by staying as it is. */
export async function spareAtRest(engine: TestEngine): Promise<void> {
  const deadline = performance.now() + REST_DEADLINE_MS;
  for (let before = ''; performance.now() < deadline; await sleep(REST_LOOK_MS)) {
    const log = await engine.log();
    if (log === before) return;
    before = log;
  }
}

/** Creates that find a spare sandbox waiting, one at a time with a rest between them. */
export async function measureSpares(engine: TestEngine, template: string, samples: Samples): Promise<void> {
  const launched = async () => (await engine.log()).split('spare sandbox launched').length;
  let before = await launched();
  for (let count = 0; count <= SPARE_ROUNDS; count += 1) {
    const begun = performance.now();
    const sandbox = await createAndRun(template, engine.connection);
    // The first one has the spares launched.
    if (count > 0) push(samples, 'create_from_spare', performance.now() - begun);
    const deadline = performance.now() + SPARE_DEADLINE_MS;
    while ((await launched()) === before && performance.now() < deadline) await sleep(50);
    before = await launched();
    await sandbox.kill();
  }
}

async function createAndRun(template: string, connection: TestEngine['connection']): Promise<Sandbox> {
  const sandbox = await Sandbox.create(template, { ...connection, timeoutMs: TIMEOUT_MS });
  await sandbox.commands.run('true');
  return sandbox;
}

async function untilAnswered(engine: TestEngine, sandboxId: string, port: number): Promise<void> {
  const deadline = performance.now() + ANSWER_DEADLINE_MS;
  for (;;) {
    const failure = await answer(engine, sandboxId, port).catch((error: unknown) => error);
    if (failure === undefined) return;
    if (performance.now() >= deadline) throw failure;
    await sleep(20);
  }
}

/** One request through the engine's proxy, over a connection of its own. */
async function answer(engine: TestEngine, sandboxId: string, port: number): Promise<void> {
  const call = request({
    host: '127.0.0.1',
    port: engine.port,
    agent: false,
    headers: { host: `${port}-${sandboxId}.${engine.connection.domain}` },
  }).end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 200) throw new Error(`the server in the sandbox answered ${response.statusCode}`);
}

async function timed<Result>(samples: Samples, name: string, step: () => Promise<Result>): Promise<Result> {
  const begun = performance.now();
  const result = await step();
  push(samples, name, performance.now() - begun);
  return result;
}

function push(samples: Samples, name: string, ms: number): void {
  const values = samples.get(name) ?? [];
  values.push(ms);
  samples.set(name, values);
}
