import { describe, expect, it } from 'vitest';
import { parse } from './http.ts';
import { networkBody, networkUpdateBody } from './network-schema.ts';

describe('networkBody', () => {
  it('keeps what was asked for, as it was asked for', () => {
    const network = {
      allowOut: ['Example.com', '8.8.8.8'],
      denyOut: ['0.0.0.0/0'],
      maskRequestHost: 'localhost:${PORT}',
      httpsPorts: [8443, 8443],
    };
    expect(parse(networkBody, { ...network, allowPublicTraffic: false })).toEqual({
      allowPublicTraffic: false,
      network: { ...network, httpsPorts: [8443] },
    });
    expect(parse(networkBody, { rules: { 'a.com': [{}] }, egressProxy: null, denyOut: [] })).toEqual({
      allowPublicTraffic: true,
      network: { denyOut: [] },
    });
  });

  it.each([
    [{ maskRequestHost: 'a:b:c' }, 'mask request host is not valid: a:b:c'],
    [{ maskRequestHost: 'a\r\nX-Evil: 1' }, /^mask request host is not valid/],
    [{ maskRequestHost: `${'a'.repeat(60)}!` }, /^mask request host is not valid/],
    [{ maskRequestHost: 'a'.repeat(300) }, /^mask request host is not valid/],
    [{ maskRequestHost: 'a..b' }, /^mask request host is not valid/],
    [
      { maskRequestHost: 'ex\u00e4mple.com:80' },
      "mask request host 'ex\u00e4mple.com' is not ASCII. Please use ASCII characters only.",
    ],
    [{ maskRequestHost: '-https://abcd' }, 'mask request host is not valid: -https://abcd'],
    [{ httpsPorts: [49_983] }, 'network.httpsPorts: the envd port 49983 cannot be listed'],
    [{ httpsPorts: [0] }, 'network.httpsPorts: 0 is not a port'],
    [{ rules: { 'a.com': [{ transform: {} }] } }, /^network.rules: /],
    [{ egressProxy: { address: 'a:1' } }, /^network.egressProxy: /],
  ])('refuses %j', (body, message) => {
    expect(() => parse(networkBody, body)).toThrow(message);
  });
});

describe('networkUpdateBody', () => {
  it('clears what is left out', () => {
    expect(parse(networkUpdateBody, {})).toEqual({ allowInternetAccess: true, egress: {} });
    expect(parse(networkUpdateBody, { allow_internet_access: false, denyOut: ['1.1.1.1'] })).toEqual({
      allowInternetAccess: false,
      egress: { denyOut: ['1.1.1.1'] },
    });
  });
});
