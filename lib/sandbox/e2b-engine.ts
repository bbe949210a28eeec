import { CommandExitError, Sandbox, SandboxNotFoundError } from 'e2b';
import { AppError } from '../errors.ts';
import type { Settings } from '../settings.ts';
import type { EngineSandbox, ListedSandbox, RunOptions, RunResult, SandboxEngine } from './engine.ts';
import { engineError } from './engine-errors.ts';
import { createHealthProbe } from './health.ts';

/** Milliseconds for a call to the engine's API. A create may have to wait for its turn. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Output of a command that is read, in characters. Ours print a few lines; what a sandbox runs in their place may not end. */
const MAX_OUTPUT = 1_000_000;
const LIST_PAGE = 100;
/** A deployment with more sandboxes than this needs another way to reconcile than to list them all. */
const MAX_LISTED = 10_000;

/** The engine behind `E2B_API_URL`: the local one or e2b.dev. */
export function createE2bEngine(settings: Settings): SandboxEngine {
  const connection = {
    apiKey: settings.e2b.apiKey,
    domain: settings.e2b.domain,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    ...(settings.e2b.apiUrl ? { apiUrl: settings.e2b.apiUrl } : {}),
    ...(settings.e2b.sandboxUrl ? { sandboxUrl: settings.e2b.sandboxUrl } : {}),
  };
  const withSignal = (signal?: AbortSignal) => (signal ? { ...connection, signal } : connection);
  const probe = createHealthProbe(settings);

  return {
    async create({ template, timeoutSeconds, metadata, signal }) {
      const sandbox = await translated(signal, undefined, () =>
        Sandbox.create(template, {
          ...withSignal(signal),
          metadata,
          timeoutMs: timeoutSeconds * 1000,
          // Requests must not wake it by themselves: who may wake it is decided here.
          lifecycle: { onTimeout: 'pause', autoResume: false },
        }),
      );
      return engineSandbox(sandbox);
    },
    async connect(sandboxId, { timeoutSeconds, signal }) {
      const sandbox = await translated(signal, sandboxId, () =>
        Sandbox.connect(sandboxId, { ...withSignal(signal), timeoutMs: timeoutSeconds * 1000 }),
      );
      return engineSandbox(sandbox);
    },
    extend: (sandboxId, timeoutSeconds, signal) =>
      translated(signal, sandboxId, () => Sandbox.setTimeout(sandboxId, timeoutSeconds * 1000, withSignal(signal))),
    async inspect(sandboxId, signal) {
      try {
        const { state } = await Sandbox.getInfo(sandboxId, withSignal(signal));
        return state;
      } catch (error) {
        if (error instanceof SandboxNotFoundError) return 'missing';
        throw engineError(error, signal, sandboxId);
      }
    },
    list: (metadata, signal) => translated(signal, undefined, () => listAll(metadata, withSignal(signal))),
    kill: (sandboxId, signal) => translated(signal, sandboxId, () => Sandbox.kill(sandboxId, withSignal(signal))),
    health: probe,
  };
}

async function listAll(metadata: Record<string, string>, connection: object): Promise<ListedSandbox[]> {
  const found: ListedSandbox[] = [];
  const pages = Sandbox.list({ ...connection, query: { metadata, state: ['running', 'paused'] }, limit: LIST_PAGE });
  while (pages.hasNext && found.length < MAX_LISTED) {
    for (const info of await pages.nextItems()) {
      const { sandboxId, state, startedAt } = info;
      found.push({ sandboxId, state, startedAt, metadata: info.metadata });
    }
  }
  return found;
}

function engineSandbox(sandbox: Sandbox): EngineSandbox {
  return {
    sandboxId: sandbox.sandboxId,
    run: (command, options) =>
      translated(options.signal, sandbox.sandboxId, () => runCommand(sandbox, command, options)),
  };
}

async function runCommand(sandbox: Sandbox, command: string, options: RunOptions): Promise<RunResult> {
  const { user, environment, timeoutMs, signal } = options;
  const tooMuch = new AbortController();
  let size = 0;
  const count = (text: string): void => {
    size += text.length;
    if (size > MAX_OUTPUT) tooMuch.abort();
  };
  try {
    const { exitCode, stdout, stderr } = await sandbox.commands.run(command, {
      user,
      timeoutMs,
      ...(environment ? { envs: environment } : {}),
      onStdout: count,
      onStderr: count,
      signal: signal ? AbortSignal.any([signal, tooMuch.signal]) : tooMuch.signal,
    });
    return { exitCode, stdout, stderr };
  } catch (error) {
    if (tooMuch.signal.aborted) throw new AppError('output_too_large', 'A command in the sandbox printed too much.');
    if (!(error instanceof CommandExitError)) throw error;
    return { exitCode: error.exitCode, stdout: error.stdout, stderr: error.stderr };
  }
}

async function translated<Result>(
  signal: AbortSignal | undefined,
  sandboxId: string | undefined,
  call: () => Promise<Result>,
): Promise<Result> {
  try {
    signal?.throwIfAborted();
    return await call();
  } catch (error) {
    throw engineError(error, signal, sandboxId);
  }
}
