import { describe, expect, it } from 'vitest';
import { egressPolicy, isSpecifiedAddress, matchesDomain } from './policy.ts';

const policy = (allowOut: string[], denyOut: string[], allowInternetAccess = true) =>
  egressPolicy({ allowInternetAccess, network: { allowOut, denyOut } });

describe('egressPolicy', () => {
  it('is nothing while nothing is denied', () => {
    expect(egressPolicy({ allowInternetAccess: true })).toBeNull();
    expect(policy(['8.8.8.8'], [])).toBeNull();
    expect(policy([], ['fd00::/8'])).toBeNull();
  });
  it('denies everything without internet access, except what is allowed by name', () => {
    expect(policy(['8.8.8.8'], ['1.1.1.1'], false)).toEqual({
      allow: ['8.8.8.8/32'],
      deny: ['0.0.0.0/0'],
      domains: [],
    });
  });
  it('tells addresses from names', () => {
    expect(policy(['Google.COM', '*.example.com', '1.1.1.0/24', 'google.com'], ['0.0.0.0/0'])).toEqual({
      allow: ['1.1.1.0/24'],
      deny: ['0.0.0.0/0'],
      domains: ['google.com', '*.example.com'],
    });
  });
  it('drops duplicates and what lies inside another network', () => {
    expect(
      policy(['8.8.8.8', '0.0.0.0/0', '0.0.0.0/0'], ['10.1.2.3/8', '10.9.0.0/16', '1.1.1.1', '::ffff:9.9.9.9']),
    ).toEqual({
      allow: ['0.0.0.0/0'],
      deny: ['10.0.0.0/8', '1.1.1.1/32', '9.9.9.9/32'],
      domains: [],
    });
  });
});

describe('isSpecifiedAddress', () => {
  it.each(['0.0.0.0/0', '8.8.8.8', '10.0.0.1/8', 'fd00::/8', '::1', '255.255.255.255/32'])('takes %s', (entry) => {
    expect(isSpecifiedAddress(entry)).toBe(true);
  });
  it.each([
    '0.0.0.0',
    '0.0.0.0/8',
    '::',
    '::/0',
    '8.8.8.8/33',
    '8.8.8.8/',
    '8.8.8/24',
    '08.8.8.8',
    'fe80::1%eth0',
    'a.com',
    '',
  ])('refuses %s', (entry) => {
    expect(isSpecifiedAddress(entry)).toBe(false);
  });
});

describe('matchesDomain', () => {
  it.each([
    ['google.com', 'google.com', true],
    ['GOOGLE.com', 'google.com', true],
    ['www.google.com', 'google.com', false],
    ['www.google.com', '*.google.com', true],
    ['a.b.google.com', '*.google.com', true],
    ['google.com', '*.google.com', false],
    ['evilgoogle.com', '*.google.com', false],
    ['anything.org', '*', true],
    ['', '*', false],
    ['1.2.3.4', '*', true],
    ['1.2.3.4', '*.3.4', false],
    ['::1', '*', false],
    ['google.com', '', false],
  ])('%s against %s: %s', (name, pattern, expected) => {
    expect(matchesDomain(name, [pattern])).toBe(expected);
  });
});
