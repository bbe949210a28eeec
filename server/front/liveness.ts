import type { Dispatcher } from 'undici';
import { LRUCache } from 'lru-cache';
import { ENGINE_ANSWER_LIMIT, mayBeEngineAnswer, readEngineAnswer } from '../../lib/mastra-proxy/upstream-answer.ts';
import type { SandboxUpstream } from './context.ts';
import type { FrontSandbox } from './services.ts';

/** How long an answer of a sandbox is taken as a sign that the engine runs it. Milliseconds. */
const FRESH_MS = 5000;
/** Patience with the question itself; a sandbox that is busy for longer is running. Milliseconds. */
const PROBE_TIMEOUT_MS = 1500;

export type Liveness = {
  /** The sandbox itself answered just now. */
  seen(sandbox: FrontSandbox): void;
  /** Whether the engine runs it. `certain` asks even when it was heard a moment ago. Never throws. */
  check(sandbox: FrontSandbox, certain?: boolean): Promise<'running' | 'stopped'>;
};

export function createLiveness(options: {
  dispatcher: Dispatcher;
  upstream: (sandboxId: string) => SandboxUpstream;
  now?: () => number;
}): Liveness {
  const now = options.now ?? Date.now;
  const heard = new LRUCache<string, number>({ max: 10_000 });
  const seen = (sandbox: FrontSandbox): void => {
    if (sandbox.sandbox_id !== null) heard.set(sandbox.sandbox_id, now());
  };
  const check = async (sandbox: FrontSandbox, certain = false): Promise<'running' | 'stopped'> => {
    const sandboxId = sandbox.sandbox_id;
    if (sandboxId === null) return 'stopped';
    if (!certain && now() - (heard.get(sandboxId) ?? -Infinity) < FRESH_MS) return 'running';
    const stopped = await saysStopped(options, sandboxId).catch(() => false);
    if (stopped) heard.delete(sandboxId);
    else seen(sandbox);
    return stopped ? 'stopped' : 'running';
  };
  return { seen, check };
}

/** Asks for /health of the sandbox's server, the one path that needs no token, and looks at who answers. */
async function saysStopped(
  options: { dispatcher: Dispatcher; upstream: (sandboxId: string) => SandboxUpstream },
  sandboxId: string,
): Promise<boolean> {
  const { origin, host } = options.upstream(sandboxId);
  const answer = await options.dispatcher.request({
    origin,
    path: '/health',
    method: 'GET',
    headers: { host, accept: 'application/json' },
    signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
  });
  if (!mayBeEngineAnswer(answer.statusCode, answer.headers)) {
    await answer.body.dump({ limit: ENGINE_ANSWER_LIMIT });
    return false;
  }
  return readEngineAnswer(await answer.body.text(), sandboxId) === 'not_found';
}
