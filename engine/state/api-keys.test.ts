import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApiKey, createKeyCheck, listApiKeys, revokeApiKey } from './api-keys.ts';

describe('API keys', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'keys-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('keeps hashes only, in a file for root', async () => {
    const { key } = await createApiKey(dir);
    expect(key).toMatch(/^e2b_[0-9a-f]{40}$/);
    const file = path.join(dir, 'api-keys.json');
    expect(await readFile(file, 'utf8')).not.toContain(key);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('accepts new keys and refuses revoked ones at once', async () => {
    const check = createKeyCheck(dir);
    expect(await check(undefined)).toBe(false);
    const first = await createApiKey(dir);
    expect(await check(first.key)).toBe(true);
    const second = await createApiKey(dir);
    expect(await check(second.key)).toBe(true);
    expect(await revokeApiKey(dir, first.id)).toBe(true);
    expect(await check(first.key)).toBe(false);
    expect(await check(second.key)).toBe(true);
    expect(await check(`${second.key}0`)).toBe(false);
    expect(await check('')).toBe(false);
    expect((await listApiKeys(dir)).map((entry) => entry.revokedAt !== undefined)).toEqual([true, false]);
    expect(await revokeApiKey(dir, 'none')).toBe(false);
  });
});
