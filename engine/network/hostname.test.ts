import { describe, expect, it } from 'vitest';
import { clientHello } from '../testing/client-hello.ts';
import { httpHostname, tlsHostname } from './hostname.ts';

const http = (text: string) => httpHostname(Buffer.from(text, 'latin1'));

describe('httpHostname', () => {
  it.each([
    ['GET / HTTP/1.1\r\nHost: Example.com:80\r\n\r\n', 'example.com'],
    ['GET / HTTP/1.1\r\nA: b\r\nhost:example.com.\r\n\r\nbody', 'example.com'],
    ['GET / HTTP/1.1\nHost: a.b\n\n', 'a.b'],
    ['GET / HTTP/1.0\r\n\r\n', null],
    ['GET / HTTP/1.1\r\nHost: a.com\r\nHost: b.com\r\n\r\n', null],
    ['GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', null],
    ['SSH-2.0-x\r\n', null],
    ['GET / HTTP/1.1\r\nHost: a.com\r\n', undefined],
    ['', undefined],
  ])('%j: %s', (text, expected) => {
    expect(http(text)).toBe(expected);
  });
  it('takes no longer for a header made to take long', () => {
    const tabs = '\t'.repeat(60_000);
    const started = performance.now();
    expect(http(`GET / HTTP/1.1\r\nHost: a${tabs}b\r\n\r\n`)).toBeNull();
    expect(http(`GET / HTTP/1.1\r\nHost: ${'1'.repeat(60_000)}x\r\n\r\n`)).toBeNull();
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('tlsHostname', () => {
  it('reads what a TLS client asks for, in however many pieces', async () => {
    const hello = await clientHello('Sub.Example.com');
    expect(tlsHostname(hello)).toBe('sub.example.com');
    for (let length = 0; length < hello.length; length += 7)
      expect(tlsHostname(hello.subarray(0, length))).toBeUndefined();
    const body = hello.subarray(5);
    const split = Buffer.concat(
      [body.subarray(0, 40), body.subarray(40)].map((part) =>
        Buffer.concat([hello.subarray(0, 3), Buffer.from([part.length >> 8, part.length & 255]), part]),
      ),
    );
    expect(tlsHostname(split)).toBe('sub.example.com');
  });
  it('finds the name when more records follow', async () => {
    const hello = await clientHello('example.com');
    // What a client sends after it, in one piece.
    expect(tlsHostname(Buffer.concat([hello, Buffer.from([20, 3, 3, 0, 1, 1])]))).toBe('example.com');
  });
  it('takes no longer for records made to take long', () => {
    const empty = Buffer.concat(Array.from({ length: 13_000 }, () => Buffer.from([22, 3, 1, 0, 0])));
    const small = Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.from([22, 3, 1, 0, 1, 1])));
    const started = performance.now();
    expect(tlsHostname(empty)).toBeNull();
    expect(tlsHostname(small)).toBeNull();
    expect(performance.now() - started).toBeLessThan(2000);
  });
  it('finds no name where there is none', async () => {
    expect(tlsHostname(await clientHello(''))).toBeNull();
    expect(tlsHostname(Buffer.from('GET / HTTP/1.1\r\n'))).toBeNull();
    const broken = Buffer.from(await clientHello('example.com'));
    broken.fill(0xff, 43, 60);
    expect(tlsHostname(broken)).toBeNull();
  });
});
