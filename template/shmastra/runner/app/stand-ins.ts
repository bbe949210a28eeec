type StoreClass = new (...options: unknown[]) => { init?: () => Promise<void> };

/** Options of a store that say where its data is. */
const PLACES = ['url', 'connectionUrl', 'path'] as const;
/** Options that would connect to a server all the same. */
const REMOTE = new Set(['authToken', 'syncUrl', 'syncInterval']);

/**
 * In the place of `SharedInstances` while code is only checked: stores that would open a file keep their data in memory,
 * and those that would connect to a server do so only when they are asked for something.
 */
export function shareStandIns<T>(_name: string, store: T): T {
  if (typeof store !== 'function') return store;
  return new Proxy(store, {
    construct: (target, options, newTarget) => {
      const instance = Reflect.construct(target, inMemory(options), newTarget) as InstanceType<StoreClass>;
      if (isRemote(options[0])) instance.init = async () => {};
      return instance;
    },
  });
}

function inMemory(options: unknown[]): unknown[] {
  const [first = {}, ...rest] = options;
  if (typeof first !== 'object' || first === null || isRemote(first) || 'client' in first) return options;
  const kept = Object.entries(first).filter(([name]) => !REMOTE.has(name));
  const places = PLACES.filter((name) => name in first).map((name) => [name, ':memory:']);
  // A DuckDB store without a path would open its default file.
  return [
    { ...Object.fromEntries(kept), ...Object.fromEntries(places.length > 0 ? places : [['path', ':memory:']]) },
    ...rest,
  ];
}

function isRemote(options: unknown): boolean {
  return (
    typeof options === 'object' &&
    options !== null &&
    ('connectionString' in options || 'host' in options || 'pool' in options)
  );
}
