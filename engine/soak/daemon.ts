import { TestEngine } from '../testing/engine.ts';
import { cutPower } from './power-cut.ts';

/** What may happen to the engine: its process is killed, its machine loses power, or it is stopped in order. */
export type Blow = 'kill -9' | 'power cut' | 'SIGTERM';

/** The engine under test, and when it was down. */
export class Daemon {
  readonly engine: TestEngine;
  readonly #outages: { from: number; to: number }[] = [];
  /** Counts the blows that end the processes in sandboxes too. */
  reboots = 0;
  /** Counts orderly stops, which pause every sandbox: what is paused has no timeout any more. */
  stops = 0;
  #up: Promise<void> = Promise.resolve();

  private constructor(engine: TestEngine) {
    this.engine = engine;
  }

  static async start(env: Record<string, string>): Promise<Daemon> {
    return new Daemon(
      await TestEngine.start({ env: { ENGINE_WARM_POOL: '1', ENGINE_HIBERNATE_BELOW_MB: '', ...env } }),
    );
  }

  /** Resolves when the engine answers. Rejects when it does not start any more. */
  up(): Promise<void> {
    return this.#up;
  }

  /** Whether a call that began then (`performance.now()`) may have met an engine that was down. */
  wasDownSince(began: number): boolean {
    return this.#outages.some(({ to }) => to >= began);
  }

  /** Brings it down and, as the supervisor does, up again. */
  strike(blow: Blow): Promise<void> {
    const outage = { from: performance.now(), to: Number.POSITIVE_INFINITY };
    this.#outages.push(outage);
    if (blow !== 'kill -9') this.reboots += 1;
    if (blow === 'SIGTERM') this.stops += 1;
    this.#up = this.#fallAndRise(blow).then(() => {
      outage.to = performance.now();
    });
    return this.#up;
  }

  async #fallAndRise(blow: Blow): Promise<void> {
    const { engine } = this;
    await engine.end(blow === 'SIGTERM' ? 'SIGTERM' : 'SIGKILL');
    if (blow === 'power cut') await cutPower(engine);
    await engine.launch();
  }
}
