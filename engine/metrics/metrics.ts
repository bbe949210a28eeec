import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { EngineError } from '../api/errors.ts';

/** What the engine does to a sandbox. */
export type Operation =
  | 'create'
  | 'start'
  | 'resume'
  | 'restart'
  | 'pause'
  | 'hibernate'
  | 'snapshot'
  | 'fork'
  | 'kill'
  | 'build';

/** Numbers that are read when somebody asks for them. */
export type Gauges = {
  /** Sandboxes by state: `running`, `paused`, `hibernated`. */
  sandboxes(): Record<string, number>;
  spares(): number;
  building(): boolean;
  startsWaiting(): number;
  /** Bytes; sums over all sandboxes that have processes, or a disk. */
  usage(): Promise<{ memory: number; cpuSeconds: number; processes: number; disk: number }>;
  host(): { memoryAvailable: number; memoryTotal: number; diskFree: number; diskTotal: number };
};

/** From a thawed sandbox (milliseconds) to a template build (an hour), in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.4, 0.75, 1.5, 3, 6, 15, 60, 300, 1800];

/**
 * The engine's numbers in Prometheus' format. Counting is all that happens while nobody asks; what has to be looked up is
 * looked up by {@link text}.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #duration: Histogram<'operation'>;
  readonly #failures: Counter<'operation' | 'kind'>;
  readonly #requests: Counter<'code'>;
  readonly #bytes: Counter<'direction'>;
  readonly #connections: Gauge<'kind'>;
  #hasDefaults = false;

  constructor() {
    const registers = [this.#registry];
    this.#duration = new Histogram({
      name: 'engine_operation_duration_seconds',
      help: 'How long successful operations on sandboxes took.',
      labelNames: ['operation'],
      buckets: BUCKETS,
      registers,
    });
    this.#failures = new Counter({
      name: 'engine_operation_failures_total',
      help: 'Operations that failed, by the kind of error.',
      labelNames: ['operation', 'kind'],
      registers,
    });
    this.#requests = new Counter({
      name: 'engine_proxy_requests_total',
      help: 'Requests to servers in sandboxes (envd included), by the class of the answer; upgraded: WebSocket and the like.',
      labelNames: ['code'],
      registers,
    });
    this.#bytes = new Counter({
      name: 'engine_proxy_bytes_total',
      help: 'Bytes to and from clients of the proxy.',
      labelNames: ['direction'],
      registers,
    });
    this.#connections = new Gauge({
      name: 'engine_proxy_open',
      help: 'Requests and upgraded connections that the proxy holds now.',
      labelNames: ['kind'],
      registers,
    });
  }

  /** Times `task`; a failure counts by its kind instead. */
  async time<T>(operation: Operation, task: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    try {
      const result = await task();
      this.#duration.observe({ operation }, (performance.now() - begun) / 1000);
      return result;
    } catch (error) {
      this.#failures.inc({ operation, kind: kindOf(error) });
      throw error;
    }
  }

  proxyOpened(kind: 'request' | 'upgrade'): void {
    this.#connections.inc({ kind });
  }

  /** @param code the answer's class (`2xx`), `upgraded`, or `aborted` when there was none */
  proxyClosed(kind: 'request' | 'upgrade', code: string, bytes: { received: number; sent: number }): void {
    this.#connections.dec({ kind });
    this.#requests.inc({ code });
    this.#bytes.inc({ direction: 'received' }, Math.max(0, bytes.received));
    this.#bytes.inc({ direction: 'sent' }, Math.max(0, bytes.sent));
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(gauges: Gauges): Promise<string> {
    // They watch the event loop and the garbage collector: only once somebody wants to know.
    if (!this.#hasDefaults) collectDefaultMetrics({ register: this.#registry });
    this.#hasDefaults = true;
    const now = new Registry();
    const gauge = (name: string, help: string, value: number) => new Gauge({ name, help, registers: [now] }).set(value);
    const states = new Gauge({ name: 'engine_sandboxes', help: 'Sandboxes.', labelNames: ['state'], registers: [now] });
    for (const [state, count] of Object.entries(gauges.sandboxes())) states.set({ state }, count);
    gauge('engine_spare_sandboxes', 'Sandboxes launched ahead of the creates that take them.', gauges.spares());
    gauge('engine_building', '1 while a template is being built.', Number(gauges.building()));
    gauge('engine_starts_waiting', 'Starts that wait for others.', gauges.startsWaiting());
    const usage = await gauges.usage();
    gauge('engine_sandboxes_memory_bytes', 'Memory of all sandboxes, page cache included.', usage.memory);
    gauge('engine_sandboxes_cpu_seconds', 'CPU time of the sandboxes that have processes now.', usage.cpuSeconds);
    gauge('engine_sandboxes_processes', 'Processes and threads in all sandboxes.', usage.processes);
    gauge('engine_sandboxes_disk_bytes', "Bytes on the host's disk of all sandboxes' disks.", usage.disk);
    const host = gauges.host();
    gauge('engine_host_memory_available_bytes', 'MemAvailable of the machine.', host.memoryAvailable);
    gauge('engine_host_memory_bytes', 'Memory of the machine.', host.memoryTotal);
    gauge('engine_host_disk_free_bytes', 'Free space under the data folder.', host.diskFree);
    gauge('engine_host_disk_bytes', 'Size of the file system of the data folder.', host.diskTotal);
    return `${await now.metrics()}\n${await this.#registry.metrics()}`;
  }
}

/** Few and fixed, as Prometheus wants its labels: the class of an expected error, else `unexpected`. */
function kindOf(error: unknown): string {
  const isExpected = error instanceof EngineError || (error instanceof Error && error.name === 'BuildFailure');
  return isExpected ? error.name.replace(/(Error|Failure)$/, '') : 'unexpected';
}
