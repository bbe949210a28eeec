import { SandboxManager, type ManagerParts } from '../sandboxes/manager.ts';
import { Transitions, type TransitionParts } from '../sandboxes/transitions.ts';
import type { Metrics } from './metrics.ts';

/** The transitions of sandboxes, timed and counted, whoever asked for them: a caller, a time-out, or the engine itself. */
export class MeteredTransitions extends Transitions {
  readonly #metrics: Metrics;

  constructor(parts: TransitionParts, metrics: Metrics) {
    super(parts);
    this.#metrics = metrics;
  }

  override start(...args: Parameters<Transitions['start']>) {
    return this.#metrics.time('start', () => super.start(...args));
  }

  override resume(...args: Parameters<Transitions['resume']>) {
    return this.#metrics.time('resume', () => super.resume(...args));
  }

  override pause(...args: Parameters<Transitions['pause']>) {
    return this.#metrics.time('pause', () => super.pause(...args));
  }

  override hibernate(...args: Parameters<Transitions['hibernate']>) {
    return this.#metrics.time('hibernate', () => super.hibernate(...args));
  }

  override kill(...args: Parameters<Transitions['kill']>) {
    return this.#metrics.time('kill', () => super.kill(...args));
  }

  override restart(...args: Parameters<Transitions['restart']>) {
    return this.#metrics.time('restart', () => super.restart(...args));
  }
}

/** Creates as their callers see them: with a spare sandbox or without, and with what refuses them. */
export class MeteredManager extends SandboxManager {
  readonly #metrics: Metrics;

  constructor(parts: ManagerParts, metrics: Metrics) {
    super(parts);
    this.#metrics = metrics;
  }

  override create(...args: Parameters<SandboxManager['create']>) {
    return this.#metrics.time('create', () => super.create(...args));
  }

  override fork(...args: Parameters<SandboxManager['fork']>) {
    return this.#metrics.time('fork', () => super.fork(...args));
  }

  override snapshot(...args: Parameters<SandboxManager['snapshot']>) {
    return this.#metrics.time('snapshot', () => super.snapshot(...args));
  }
}
