type Initializable = { init?: () => Promise<void> };
type Store = Initializable & { close?: () => unknown; stores?: Record<string, Initializable | undefined> };
type StoreClass = new (...options: unknown[]) => Store;

/** Thrown where a file that is open would be opened a second time with other options. */
export class RestartNeeded extends Error {
  override name = 'RestartNeeded';
}

/** Stores that can be opened only once in a process: these are known by their path, whatever else their options say. */
const EXCLUSIVE = new Set(['DuckDBStore']);

/**
 * Keeps one instance of each database for all versions of the project's code that this process loads. The wrapped class
 * gives the instance it made before for the same options. Closing such an instance does nothing: an old version that
 * goes must not close the new one's database.
 */
export class SharedInstances {
  readonly #instances = new Map<string, Store>();
  readonly #openPaths = new Map<string, string>();
  readonly #close: (() => unknown)[] = [];

  readonly share = <T>(name: string, store: T): T => {
    if (typeof store !== 'function') return store;
    const shared: T = new Proxy(store, {
      construct: (target, options, newTarget) => {
        const key = newTarget === shared ? keyOf(name, options) : undefined;
        if (key === undefined) return Reflect.construct(target, options, newTarget) as object;
        const existing = this.#instances.get(key);
        if (existing !== undefined) return existing;
        this.#claimPath(name, options, key);
        return this.#add(key, new (target as unknown as StoreClass)(...options));
      },
    });
    return shared;
  };

  /** Really closes all of them. */
  async closeAll(): Promise<void> {
    await Promise.allSettled(this.#close.map(async (close) => close()));
  }

  #add(key: string, instance: Store): Store {
    initializeOnce(instance);
    for (const domain of Object.values(instance.stores ?? {})) initializeOnce(domain);
    const close = instance.close?.bind(instance);
    if (close !== undefined) {
      this.#close.push(close);
      instance.close = async () => {};
    }
    this.#instances.set(key, instance);
    return instance;
  }

  #claimPath(name: string, options: unknown[], key: string): void {
    if (!EXCLUSIVE.has(name)) return;
    const path = String((options[0] as { path?: unknown } | undefined)?.path ?? 'mastra.duckdb');
    const holder = this.#openPaths.get(path);
    if (holder !== undefined && holder !== key) throw new RestartNeeded(`${path} is open with other options`);
    this.#openPaths.set(path, key);
  }
}

/** Tables are made once: two versions that start one after the other would otherwise alter the same table at the same time. */
function initializeOnce(store: Initializable | undefined): void {
  const init = store?.init?.bind(store);
  if (store === undefined || init === undefined) return;
  let running: Promise<void> | undefined;
  store.init = () => {
    running ??= init().catch((error: unknown) => {
      running = undefined;
      throw error;
    });
    return running;
  };
}

/** What tells instances apart, or undefined for options that only the code itself can compare. */
function keyOf(name: string, options: unknown[]): string | undefined {
  try {
    const key = `${name} ${JSON.stringify(options)}`;
    return isPlain(options) ? key : undefined;
  } catch {
    // Refers to itself: no plain data.
    return undefined;
  }
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function' && typeof value !== 'symbol';
  if (Array.isArray(value)) return value.every(isPlain);
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlain);
}
