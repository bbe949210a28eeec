import { expect, it } from 'vitest';
import { createCache } from './cache.ts';

type Thing = { owner: string; value: number };
const options = { max: 3, ttlMs: 60_000, missingTtlMs: 60_000, groupOf: (thing: Thing) => thing.owner };

function counting(thing: Thing | null) {
  const load = Object.assign(
    (): Promise<Thing | null> => {
      load.calls += 1;
      return Promise.resolve(thing);
    },
    { calls: 0 },
  );
  return load;
}

it('loads once, also for callers at the same time', async () => {
  const cache = createCache(options);
  const load = counting({ owner: 'a', value: 1 });
  expect(await Promise.all([cache.get('k', load), cache.get('k', load)])).toEqual([
    { owner: 'a', value: 1 },
    { owner: 'a', value: 1 },
  ]);
  await cache.get('k', load);
  expect(load.calls).toBe(1);
});

it('forgets a group, and what was missing', async () => {
  const cache = createCache(options);
  const a = counting({ owner: 'a', value: 1 });
  const b = counting({ owner: 'b', value: 2 });
  const none = counting(null);
  const all = () => Promise.all([cache.get('a', a), cache.get('b', b), cache.get('none', none)]);
  await all();
  cache.invalidate('a');
  await all();
  expect([a.calls, b.calls, none.calls]).toEqual([2, 1, 2]);
});

it('does not keep what was being read when it changed', async () => {
  const cache = createCache(options);
  let release = (_thing: Thing) => {};
  const slow = cache.get('k', () => new Promise<Thing>((resolve) => (release = resolve)));
  cache.invalidate('a');
  const fresh = cache.get('k', counting({ owner: 'a', value: 2 }));
  release({ owner: 'a', value: 1 });
  expect([(await slow)?.value, (await fresh)?.value]).toEqual([1, 2]);
  expect((await cache.get('k', counting({ owner: 'a', value: 3 })))?.value).toBe(2);
});

it('is bounded, and keeps no failure', async () => {
  const cache = createCache(options);
  await expect(cache.get('k', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  const first = counting({ owner: 'a', value: 1 });
  await cache.get('k', first);
  for (const key of ['1', '2', '3']) await cache.get(key, counting({ owner: key, value: 1 }));
  await cache.get('k', first);
  expect(first.calls).toBe(2);
});
