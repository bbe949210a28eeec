import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OciStore } from './oci-store.ts';
import { parseRegistryImage } from './reference.ts';

/** Nothing listens there. */
const HOST = '127.0.0.1:9';

let cacheDir: string;
let store: OciStore;
beforeAll(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), 'oci-store-'));
  const registries = { allowed: [{ host: HOST, plainHttp: true }] };
  store = new OciStore({ cacheDir, runDir: cacheDir, registries, maxMb: 64, minFreeMb: 0 });
});
afterAll(() => rm(cacheDir, { recursive: true, force: true }));

async function keep(key: string, repository: string, more: object): Promise<void> {
  const layer = path.join(cacheDir, `oci-${key}`);
  await mkdir(layer);
  const description = { version: 1, name: `${HOST}/${repository}:latest`, digest: `sha256:${key}`, env: {} };
  await writeFile(`${layer}.json`, JSON.stringify({ ...description, fetchedAt: '2026-01-01', ...more }));
}

it.skipIf(!existsSync('/usr/bin/skopeo'))('gives no image that took a login while nobody can be asked', async () => {
  await keep('0'.repeat(16), 'earlier', {});
  await keep('1'.repeat(16), 'open', { isPrivate: false });
  await keep('2'.repeat(16), 'closed', { isPrivate: true });
  const ensure = (repository: string, login?: { username: string; password: string }) =>
    store.ensure(parseRegistryImage(`${HOST}/${repository}`), login, () => {});
  for (const repository of ['earlier', 'open'])
    expect(await ensure(repository)).toMatchObject({ name: `${HOST}/${repository}:latest` });
  await expect(ensure('closed')).rejects.toThrow(/cannot be reached/);
  await expect(ensure('closed', { username: 'robot', password: 'wrong' })).rejects.toThrow(/cannot be reached/);
});
