import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox, Sdk } from './support/sdks.ts';
import { inEverySetting } from './support/settings.ts';

type ListOptions = NonNullable<Parameters<Sdk['Sandbox']['list']>[0]>;

inEverySetting('listing sandboxes', ({ sdk, version, connection, create }) => {
  const group = randomUUID();
  let sandboxes: Sandbox[];
  beforeAll(async () => {
    sandboxes = [];
    for (const name of ['first', 'second & +1 = ü', 'third']) {
      sandboxes.push(await create({ metadata: { group, name } }));
    }
    await sandboxes[1]?.pause();
  });
  const idsOf = (...indexes: number[]) => indexes.map((index) => sandboxes[index]?.sandboxId);

  async function list({ query, ...options }: ListOptions = {}): Promise<string[]> {
    const found: string[] = [];
    const pages = sdk.Sandbox.list({
      ...connection,
      ...options,
      query: { ...query, metadata: { group, ...query?.metadata } },
    });
    while (pages.hasNext) found.push(...(await pages.nextItems()).map(({ sandboxId }) => sandboxId));
    return found;
  }

  it('has running and paused ones, newest first', async () => {
    expect(await list()).toEqual(idsOf(2, 1, 0));
  });

  it('filters by state', async () => {
    expect(await list({ query: { state: ['running'] } })).toEqual(idsOf(2, 0));
    expect(await list({ query: { state: ['paused'] } })).toEqual(idsOf(1));
    expect(await list({ query: { state: ['running', 'paused'] } })).toEqual(idsOf(2, 1, 0));
  });

  it('filters by metadata, with characters that URLs are made of', async () => {
    expect(await list({ query: { metadata: { name: 'second & +1 = ü' } } })).toEqual(idsOf(1));
    expect(await list({ query: { metadata: { name: 'fourth' } } })).toEqual([]);
  });

  it('goes through pages, each sandbox once', async () => {
    const pages = sdk.Sandbox.list({ ...connection, limit: 2, query: { metadata: { group } } });
    expect(await pages.nextItems()).toHaveLength(2);
    expect(pages.hasNext).toBe(true);
    const rest = sdk.Sandbox.list({ ...connection, nextToken: pages.nextToken, query: { metadata: { group } } });
    expect((await rest.nextItems()).map(({ sandboxId }) => sandboxId)).toEqual(idsOf(0));
    expect(rest.hasNext).toBe(false);
    expect(await list({ limit: 1 })).toEqual(idsOf(2, 1, 0));
  });

  it('tells of each what getInfo tells', async () => {
    const [item] = await sdk.Sandbox.list({ ...connection, query: { metadata: { group, name: 'third' } } }).nextItems();
    const { startedAt, endAt, ...info } = await sdk.Sandbox.getInfo(sandboxes[2]?.sandboxId ?? '', connection);
    expect(item).toMatchObject({ startedAt, endAt });
    expect(info).toMatchObject({ state: item?.state, templateId: item?.templateId, metadata: item?.metadata });
  });

  describe.runIf(version === '2.51')('filters of newer versions', () => {
    it('orders oldest first', async () => {
      expect(await list({ order: 'asc' })).toEqual(idsOf(0, 1, 2));
    });

    it('filters by template, and by the time of the start', async () => {
      const info = await sandboxes[1]?.getInfo();
      expect(await list({ query: { template: 'base' } })).toEqual(idsOf(2, 1, 0));
      expect(await list({ query: { template: info?.templateId ?? '' } })).toEqual(idsOf(2, 1, 0));
      expect(await list({ query: { template: 'another' } })).toEqual([]);
      const startedAfter = (await sandboxes[2]?.getInfo())?.startedAt ?? new Date();
      expect(await list({ query: { startedAfter } })).toEqual(idsOf(2));
      expect(await list({ query: { startedAfter: new Date(startedAfter.getTime() + 60_000) } })).toEqual([]);
    });
  });
});
