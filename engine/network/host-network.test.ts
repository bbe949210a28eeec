import { describe, expect, it } from 'vitest';
import { hostPortOf, mirrorsIn, nameservers } from './host-network.ts';

describe('what is read from the host’s configuration', () => {
  it('takes name servers that a sandbox can reach', () => {
    const text =
      '# nameserver 9.9.9.9\nnameserver 127.0.0.53\nnameserver fe80::1%eth0\nnameserver 192.0.2.53\noptions edns0\n';
    expect(nameservers(text)).toEqual(['192.0.2.53']);
  });

  it('takes mirrors of both forms of apt sources', () => {
    const text = [
      'deb [signed-by=/usr/share/keyrings/x.gpg] http://first.example/debian bookworm main',
      '# deb http://commented.example/debian bookworm main',
      'Types: deb',
      'URIs: https://mirror.example:8443/debian http://second.example/debian',
    ].join('\n');
    expect(mirrorsIn(text)).toEqual([
      'http://first.example/debian',
      'https://mirror.example:8443/debian',
      'http://second.example/debian',
    ]);
  });

  it.each([
    ['https://npm.example.com/', 'npm.example.com:443'],
    ['http://10.0.0.5:4873/npm/', '10.0.0.5:4873'],
    ['http://mirror.example/debian', 'mirror.example:80'],
    ['undefined', null],
    ['file:///srv/npm', null],
  ])('finds host and port of %s', (url, expected) => {
    expect(hostPortOf(url)).toBe(expected);
  });
});
