import { expect, test } from 'vitest';
import { gatewayOf, parseRange, pickSubnet, takenRanges } from './subnet.ts';

test('the picked network overlaps none that the machine uses', () => {
  const wishes = [100, 0, 101, 0, 102, 3];
  const subnet = pickSubnet(['10.164.7.0/24', '10.165.0.1', '192.168.0.0/16'], () => wishes.shift() ?? 0);
  expect(subnet).toBe('10.166.48.0/20');
});

test('a machine that routes all of 10.0.0.0/8 gets a message instead of a conflict', () => {
  expect(() => pickSubnet(['10.0.0.0/8'])).toThrow('No free /20 network');
});

test('ranges and gateways', () => {
  expect(parseRange('10.1.2.3/16')).toEqual({ start: 0x0a010000, end: 0x0a01ffff });
  expect(parseRange('default')).toBeNull();
  expect(gatewayOf('10.213.0.0/16')).toBe('10.213.0.1');
  expect(gatewayOf('172.30.255.0/24')).toBe('172.30.255.1');
  expect(() => gatewayOf('fe80::/10')).toThrow('not an IPv4 network');
});

test("this machine's loopback is among the taken ranges", async () => {
  const ranges = (await takenRanges()).map(parseRange);
  const loopback = parseRange('127.0.0.1');
  expect(ranges.some((range) => range && loopback && range.start <= loopback.start && loopback.end <= range.end)).toBe(
    true,
  );
});
