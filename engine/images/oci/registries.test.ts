import { expect, it } from 'vitest';
import { findRegistry, parseRegistries, requirePublic } from './registries.ts';

it.each([
  ['127.0.0.1'],
  ['10.1.2.3'],
  ['169.254.169.254'],
  ['168.63.129.16'],
  ['::1'],
  ['::ffff:10.1.2.3'],
  ['fe80::1'],
  ['fd00::1'],
  ['64:ff9b::a00:1'],
  ['2002:a00:1::'],
  ['93.184.216.34', '192.168.1.1'],
])('asks no registry at %s unless the settings name it', async (...addresses) => {
  const resolve = async () => addresses;
  await expect(requirePublic(parseRegistries([]), 'r.example:5000', resolve)).rejects.toThrow(/private network/);
  const named = parseRegistries(['r.example:5000']);
  await requirePublic(named, 'r.example:5000', resolve);
  expect(findRegistry(named, 'r.example:5000')).toMatchObject({ plainHttp: false });
  expect(() => findRegistry(named, 'r.example')).toThrow(/not allowed here/);
});

it('takes numbers of every spelling for the address that they are', async () => {
  for (const host of ['127.1', '2130706433', '0x7f000001:5000', 'localhost:5000'])
    await expect(requirePublic(parseRegistries([]), host)).rejects.toThrow(/private network/);
});

it('lets registries on the internet through, and those that only others can find', async () => {
  const ask = (resolve: () => Promise<string[]>) => requirePublic(parseRegistries([]), 'ghcr.io', resolve);
  await expect(ask(async () => ['140.82.121.33', '2606:50c0:8000::153'])).resolves.toBeUndefined();
  await expect(ask(() => Promise.reject(new Error('ENOTFOUND')))).resolves.toBeUndefined();
});
