import { describe, expect, it } from 'vitest';
import { AddressPool, formatIpv4, parseCidr, parseIpv4 } from './addresses.ts';

describe('IPv4 addresses', () => {
  it.each(['0.0.0.0', '10.213.0.1', '255.255.255.255'])('reads and writes %s', (text) => {
    expect(formatIpv4(parseIpv4(text) ?? -1)).toBe(text);
  });
  it.each(['256.0.0.1', '1.2.3', '1.2.3.4.5', 'a.b.c.d', '::1', ''])('refuses %s', (text) => {
    expect(parseIpv4(text)).toBeNull();
  });
  it.each(['10.0.0.1/8', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'name'])('refuses %s as a network', (text) => {
    expect(parseCidr(text)).toBeNull();
  });
  it('takes a bare address for a network of one', () => {
    expect(parseCidr('10.0.0.1')).toEqual({ base: parseIpv4('10.0.0.1'), prefix: 32 });
  });
});

describe('AddressPool', () => {
  it('hands out each address once, without gateway and last', () => {
    const pool = new AddressPool('10.1.2.0/29');
    const taken = Array.from({ length: pool.size }, () => pool.address(pool.take() ?? -1));
    expect(pool.gateway).toBe('10.1.2.1');
    expect(taken).toEqual(['10.1.2.2', '10.1.2.3', '10.1.2.4', '10.1.2.5', '10.1.2.6']);
    expect(pool.take()).toBeNull();
    pool.release(4);
    expect(pool.take()).toBe(4);
  });

  it('does not give an address out again at once', () => {
    const pool = new AddressPool('10.1.2.0/28');
    const first = pool.take() ?? -1;
    pool.release(first);
    expect(pool.take()).not.toBe(first);
  });

  it('reserves what a former run used', () => {
    const pool = new AddressPool('10.1.2.0/29');
    expect([pool.reserve(2), pool.reserve(2), pool.reserve(1), pool.reserve(7)]).toEqual([true, false, false, false]);
    expect(pool.take()).toBe(3);
  });
});
