import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createAllowanceResolver } from './allowances.ts';

describe('createAllowanceResolver', () => {
  it('resolves names, keeps networks, and remembers what it knew when DNS fails', async () => {
    let works = true;
    const resolve = async (name: string) => {
      if (!works) throw new Error('SERVFAIL');
      return name === 'registry.example' ? ['203.0.113.9', '203.0.113.8'] : ['192.0.2.7'];
    };
    const allowances = createAllowanceResolver(
      {
        host: [],
        resolvers: ['192.0.2.53'],
        egress: ['172.20.0.0/16', 'api.example'],
        packageHosts: ['registry.example:443'],
      },
      pino({ level: 'silent' }),
      resolve,
    );
    const expected = {
      host: [],
      resolvers: ['192.0.2.53'],
      networks: ['172.20.0.0/16', '192.0.2.7'],
      services: ['203.0.113.8:443', '203.0.113.9:443'],
    };
    expect(await allowances()).toEqual(expected);
    works = false;
    expect(await allowances()).toEqual(expected);
  });
});
