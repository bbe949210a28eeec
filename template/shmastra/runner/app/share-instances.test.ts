import { describe, expect, it } from 'vitest';
import { RestartNeeded, SharedInstances } from './share-instances.ts';

class DuckDBStore {
  closed = 0;
  inits = 0;
  readonly options: unknown;
  readonly stores = { traces: { inits: 0, init: async () => void this.stores.traces.inits++ } };
  constructor(options?: unknown) {
    this.options = options;
  }
  init(): Promise<void> {
    this.inits++;
    return this.inits === 1 ? Promise.reject(new Error('first')) : Promise.resolve();
  }
  close(): void {
    this.closed++;
  }
}

describe('SharedInstances', () => {
  it('gives the same instance for the same options', () => {
    const Shared = new SharedInstances().share('LibSQLStore', DuckDBStore);
    const first = new Shared({ path: 'a' });
    expect(new Shared({ path: 'a' })).toBe(first);
    expect(new Shared({ path: 'b' })).not.toBe(first);
    expect(first).toBeInstanceOf(Shared);
    expect(first).toBeInstanceOf(DuckDBStore);
  });

  it('does not share what it cannot compare, nor subclasses', () => {
    const Shared = new SharedInstances().share('LibSQLStore', DuckDBStore);
    const client = new URL('libsql://somewhere');
    expect(new Shared({ client })).not.toBe(new Shared({ client }));
    expect(new Shared({ log: () => {} })).not.toBe(new Shared({ log: () => {} }));
    class Mine extends Shared {}
    expect(new Mine({ path: 'a' })).not.toBe(new Mine({ path: 'a' }));
  });

  it('closes nothing until the process ends', async () => {
    const instances = new SharedInstances();
    const Shared = instances.share('LibSQLStore', DuckDBStore);
    const store = new Shared({ path: 'a' });
    await store.close();
    expect(store.closed).toBe(0);
    await instances.closeAll();
    expect(store.closed).toBe(1);
  });

  it('initializes a store and its parts once, and again after a failure', async () => {
    const Shared = new SharedInstances().share('LibSQLStore', DuckDBStore);
    const store = new Shared({ path: 'a' });
    await expect(store.init()).rejects.toThrow('first');
    await Promise.all([store.init(), store.init()]);
    expect(store.inits).toBe(2);
    await Promise.all([store.stores.traces.init(), store.stores.traces.init()]);
    expect(store.stores.traces.inits).toBe(1);
  });

  it('asks for a new process when an open file would be opened otherwise', () => {
    const Shared = new SharedInstances().share('DuckDBStore', DuckDBStore);
    expect(new Shared({ path: 'a' })).toBeDefined();
    expect(() => new Shared({ path: 'a', threads: 2 })).toThrow(RestartNeeded);
    expect(() => new Shared({ path: 'b' })).not.toThrow();
  });

  it('leaves alone what a package does not have', () => {
    expect(new SharedInstances().share('DuckDBStore', undefined)).toBeUndefined();
  });
});
