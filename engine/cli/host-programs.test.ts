import { expect, it } from 'vitest';
import { missingPackages } from './host-programs.ts';

it('names the package of each missing program', async () => {
  expect(await missingPackages(async (file) => !/\/(nft|ip)$/.test(file))).toEqual(['nftables', 'iproute2']);
  expect(await missingPackages(async () => true)).toEqual([]);
  expect(await missingPackages(async () => false)).toContain('golang-github-containers-common');
});
