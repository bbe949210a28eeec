import * as z from 'zod/mini';
import type { CheckResult, CheckStage, LiveResult, ProjectControl } from '../runner/project-control.ts';
import type { FromAgent, ToAgent } from './messages.ts';

const sourceError = z.object({
  message: z.string(),
  file: z.optional(z.string()),
  line: z.optional(z.number()),
  column: z.optional(z.number()),
});
const stage = z.object({
  stage: z.enum(['bundle', 'types', 'import']),
  state: z.enum(['ok', 'failed', 'skipped']),
  ms: z.number(),
  errors: z.array(sourceError),
});
const checkResult = z.object({ ok: z.boolean(), stages: z.array(stage) });
const liveResult = z.union([z.object({ ms: z.number(), revision: z.number() }), z.object({ error: sourceError })]);

type Pending = {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  onProgress?: (value: unknown) => void;
};

/** The runner's control of the project, over the messages that this process exchanges with it. */
export class RemoteControl implements ProjectControl {
  readonly #send: (message: FromAgent) => void;
  readonly #pending = new Map<number, Pending>();
  #calls = 0;

  constructor(send: (message: FromAgent) => void) {
    this.#send = send;
  }

  receive(message: ToAgent): void {
    if (!('id' in message)) return;
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    if (message.type === 'progress') return pending.onProgress?.(message.value);
    this.#pending.delete(message.id);
    if (message.type === 'returned') pending.resolve(message.value);
    else pending.reject(new Error(message.message));
  }

  hold(seconds: number): void {
    this.#tell('hold', seconds);
  }

  release(): void {
    this.#tell('release');
  }

  prepare(): void {
    this.#tell('prepare');
  }

  async check(onStage?: (stage: CheckStage) => void): Promise<CheckResult> {
    const onProgress = (value: unknown) => {
      const parsed = stage.safeParse(value);
      if (parsed.success) onStage?.(parsed.data);
    };
    return checkResult.parse(await this.#call('check', [], onProgress));
  }

  async goLive(): Promise<LiveResult> {
    return liveResult.parse(await this.#call('goLive', []));
  }

  /** For what has no answer worth waiting for. */
  #tell(method: string, ...values: unknown[]): void {
    this.#call(method, values).catch(() => {});
  }

  #call(method: string, values: unknown[], onProgress?: (value: unknown) => void): Promise<unknown> {
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, ...(onProgress === undefined ? {} : { onProgress }) });
      this.#send({ type: 'call', id, method, arguments: values });
    });
  }
}
