/** What the domain asks of an engine of sandboxes. The one implementation speaks E2B's protocol (`e2b-engine.ts`). */
export type SandboxEngine = {
  /** Throws an AppError: `template_missing`, `engine_busy`, `engine_full`, `engine_unreachable`, `engine_refused`. */
  create(options: CreateOptions): Promise<EngineSandbox>;
  /** Resumes it when it is paused. Throws `EngineSandboxMissingError` when there is none. */
  connect(sandboxId: string, options: { timeoutSeconds: number; signal?: AbortSignal }): Promise<EngineSandbox>;
  /** Sets the time until the engine pauses it, from now. Throws `EngineSandboxMissingError`. */
  extend(sandboxId: string, timeoutSeconds: number, signal?: AbortSignal): Promise<void>;
  /** What the engine says about it, without waking it. */
  inspect(sandboxId: string, signal?: AbortSignal): Promise<EngineState>;
  /** All sandboxes whose metadata has these values. */
  list(metadata: Record<string, string>, signal?: AbortSignal): Promise<ListedSandbox[]>;
  /** True when there was one. */
  kill(sandboxId: string, signal?: AbortSignal): Promise<boolean>;
  /** Asks the server on 4111 how it is. Null while nothing answers there. Never wakes the sandbox. */
  health(sandboxId: string, signal?: AbortSignal): Promise<RunnerHealth | null>;
};

export type CreateOptions = {
  template: string;
  /** Seconds without extension after which the engine pauses it. */
  timeoutSeconds: number;
  metadata: Record<string, string>;
  signal?: AbortSignal;
};

export type EngineSandbox = {
  sandboxId: string;
  /** Runs a bash command to its end. A command that fails is a result, not an error. */
  run(command: string, options: RunOptions): Promise<RunResult>;
};

export type RunOptions = {
  user: 'root' | 'user';
  environment?: Record<string, string>;
  timeoutMs: number;
  signal?: AbortSignal;
};
export type RunResult = { exitCode: number; stdout: string; stderr: string };

export type EngineState = 'running' | 'paused' | 'missing';
export type ListedSandbox = {
  sandboxId: string;
  state: 'running' | 'paused';
  metadata: Record<string, string>;
  startedAt: Date;
};

/** Reply of `GET /health` of the runner in a sandbox. */
export type RunnerHealth = {
  state: 'starting' | 'ready' | 'failed';
  version: string | undefined;
  revision: string | undefined;
  error: string | undefined;
};
