import { describe, expect, it } from 'vitest';
import { shareStandIns } from './stand-ins.ts';

class Store {
  readonly options: unknown;
  inits = 0;
  constructor(options?: unknown) {
    this.options = options;
  }
  async init(): Promise<void> {
    this.inits++;
  }
}
const StandIn = shareStandIns('LibSQLStore', Store);

describe('shareStandIns', () => {
  it.each([
    [
      { id: 'a', url: 'file:/project/.data/mastra.db' },
      { id: 'a', url: ':memory:' },
    ],
    [{ url: 'libsql://somewhere', authToken: 'secret', syncUrl: 'x' }, { url: ':memory:' }],
    [
      { path: 'traces.duckdb', memoryLimit: '1GB' },
      { path: ':memory:', memoryLimit: '1GB' },
    ],
    [{}, { path: ':memory:' }],
    [undefined, { path: ':memory:' }],
  ])('keeps the data of %j in memory', (given, options) => {
    expect(new StandIn(given).options).toEqual(options);
  });

  it('asks nothing of a database server', async () => {
    const store = new StandIn({ connectionString: 'postgres://somewhere' });
    expect(store.options).toEqual({ connectionString: 'postgres://somewhere' });
    await store.init();
    expect(store.inits).toBe(0);
  });

  it('leaves a client alone that the code has made itself', () => {
    const client = new URL('libsql://somewhere');
    expect(new StandIn({ client }).options).toEqual({ client });
  });
});
