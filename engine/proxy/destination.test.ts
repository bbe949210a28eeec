import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { destinationOf, headersFor, maskHost, serverName } from './destination.ts';

const record = { envdToken: 'secret', network: { maskRequestHost: 'localhost:${PORT}', httpsPorts: [8443] } };

describe('destinationOf', () => {
  it('masks the host and speaks TLS where it was asked for, but never with envd', () => {
    const to = (port: number, envd = false) => destinationOf(record, '10.0.0.2', { sandboxId: 'i', port, envd });
    expect(to(8443)).toMatchObject({ address: '10.0.0.2', port: 8443, tls: true, host: 'localhost:8443', token: null });
    expect(to(3000)).toMatchObject({ tls: false, host: 'localhost:3000' });
    expect(to(49_983, true)).toMatchObject({ envd: true, tls: false, host: null });
    expect(destinationOf({ envdToken: 'secret' }, 'a', { sandboxId: 'i', port: 1, envd: false })).toMatchObject({
      tls: false,
      host: null,
    });
  });
});

describe('headersFor', () => {
  it('gives the token to callers of envd that have none, where that was asked for', () => {
    const to = (envd: boolean) =>
      destinationOf({ envdToken: 'secret', secure: false }, 'a', { sandboxId: 'i', port: 1, envd });
    const request = (headers: IncomingMessage['headers']) => ({ headers, socket: new Socket() });
    expect(headersFor(request({}), [], to(true))).toEqual(['X-Access-Token', 'secret']);
    expect(headersFor(request({ 'x-access-token': 'x' }), [], to(true))).toEqual([]);
    expect(headersFor(request({}), [], to(false))).toEqual([]);
  });
});

describe('maskHost', () => {
  it('replaces the host and keeps the one that was asked for', () => {
    const headers = ['A', '1', 'host', 'x.example', 'X-Forwarded-Host', 'forged'];
    expect(maskHost(headers, 'localhost')).toEqual(['Host', 'localhost', 'X-Forwarded-Host', 'x.example', 'A', '1']);
    expect(maskHost(headers, null)).toBe(headers);
  });
});

describe('serverName', () => {
  it.each([
    ['a.example:8443', 'a.example'],
    ['127.0.0.1:1', ''],
    ['[::1]:1', ''],
    [undefined, ''],
  ])('%s: %j', (host, expected) => {
    expect(serverName(host)).toBe(expected);
  });
});
