import { expect, it } from 'vitest';
import { createReachability } from './reachable.ts';

const allow = { host: ['44.0.0.1:3001'], resolvers: [], networks: ['172.20.0.0/16'], services: ['10.0.0.9:443'] };
const mayReach = createReachability(
  '45.0.0.0/16',
  () => allow,
  () => ['44.0.0.1', '172.20.0.1'],
);

it.each([
  ['8.8.8.8', 443, true],
  ['10.0.0.8', 443, false],
  ['10.0.0.9', 443, true],
  ['10.0.0.9', 80, false],
  ['172.20.9.9', 80, true],
  ['169.254.169.254', 80, false],
  ['127.0.0.1', 80, false],
  ['44.0.0.1', 80, false],
  ['44.0.0.1', 3001, true],
  ['172.20.0.1', 80, false],
  ['45.0.0.7', 80, false],
  ['not an address', 80, false],
])('%s, port %d: %s', (address, port, expected) => {
  expect(mayReach(address, port)).toBe(expected);
});
