import { randomBytes } from 'node:crypto';
import { Sandbox } from 'e2b';
import { z } from 'zod';
import { waitUntil } from '../../engine/runtime/wait.ts';
import { ask } from '../../engine/testing/ask.ts';
import type { TestEngine } from '../../engine/testing/engine.ts';
import { templates, type TemplateKind } from './templates.ts';

const READY_MS = 180_000;
const LIFETIME_MS = 6 * 3_600_000;
const FILE = '/home/user/mine.txt';

/** A sandbox with a file that only it has. */
export type Workspace = { kind: TemplateKind; sandbox: Sandbox; content: string };

/** Sets it up as the control plane does, and resolves once its server is ready. */
export async function createWorkspace(engine: TestEngine, template: string, number: number): Promise<Workspace> {
  const kind = templates[template];
  if (kind === undefined) throw new Error(`no such template: ${template}`);
  const sandbox = await Sandbox.create(template, {
    ...engine.connection,
    timeoutMs: LIFETIME_MS,
    metadata: { number: String(number) },
    lifecycle: { onTimeout: 'pause' },
    requestTimeoutMs: READY_MS,
  });
  await kind.prepare(sandbox);
  const content = `${number} ${randomBytes(16).toString('hex')}`;
  await sandbox.files.write(FILE, content);
  await sandbox.commands.run(`sync ${FILE}`);
  await waitForServer(engine, kind, sandbox.sandboxId);
  return { kind, sandbox, content };
}

/** Wakes it and checks its file and its server. @returns milliseconds until each of them answered */
export async function wake(engine: TestEngine, { kind, sandbox, content }: Workspace) {
  const began = performance.now();
  const ms = () => Math.round(performance.now() - began);
  const awake = await Sandbox.connect(sandbox.sandboxId, {
    ...engine.connection,
    timeoutMs: LIFETIME_MS,
    requestTimeoutMs: READY_MS,
  });
  const connected = ms();
  const found = await awake.files.read(FILE);
  if (found !== content) throw new Error(`${sandbox.sandboxId} has ${JSON.stringify(found)} instead of its file`);
  await waitForServer(engine, kind, sandbox.sandboxId);
  return { connected, ready: ms() };
}

/** What the engine says about the memory of a paused sandbox. */
export async function memoryOf(engine: TestEngine, { sandbox }: Workspace): Promise<string> {
  const answer = await fetch(`${engine.url}/sandboxes/${sandbox.sandboxId}`, {
    headers: { 'x-api-key': engine.connection.apiKey },
  });
  const { state, memory } = z.object({ state: z.string(), memory: z.string().optional() }).parse(await answer.json());
  return state === 'paused' ? (memory ?? 'unknown') : state;
}

async function waitForServer({ port, connection }: TestEngine, kind: TemplateKind, id: string): Promise<void> {
  let last = 'no answer';
  const ready = await waitUntil(
    async () => {
      const answer = await ask({ port, domain: connection.domain }, { id, port: kind.port, path: kind.path });
      last = `${answer.status} ${answer.text.slice(0, 300)}`;
      return kind.isReady(answer);
    },
    READY_MS,
    50,
  );
  if (!ready) throw new Error(`the server of ${id} is not ready: ${last}`);
}
