import { expect, test } from 'vitest';
import { SHIFTED_ROOT, SHIFTED_SIZE } from '../../engine/runtime/oci-config.ts';
import { SANDBOX_IDS, sharingIds } from './owners.mjs';

test('the ids are those that the engine gives to sandboxes', () => {
  expect(SANDBOX_IDS).toEqual({ first: SHIFTED_ROOT, size: SHIFTED_SIZE });
});

test('those who have ids of sandboxes are found, useradd gives none', () => {
  const { first, size } = SANDBOX_IDS;
  const content = [
    '# name:first:size',
    'debian:100000:65536',
    '',
    `below:${first - 65_536}:65536`,
    `into:${first - 65_535}:65536`,
    `inside:${first + 1000}:1`,
    `all:1:4294967294`,
    `above:${first + size}:65536`,
    'damaged',
  ].join('\n');
  expect(sharingIds(content)).toEqual(['into', 'inside', 'all']);
  expect(sharingIds('')).toEqual([]);
});
