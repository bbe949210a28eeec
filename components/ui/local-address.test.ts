import { expect, it } from 'vitest';

import { isLocalAddress } from './local-address.ts';

it.each(['http://localhost:3000/invite?token=t', 'http://127.0.0.1/', 'https://box.localhost', 'http://[::1]:3000/'])(
  '%s works on one machine alone',
  (url) => expect(isLocalAddress(url)).toBe(true),
);

it.each([
  'https://studio.example.com',
  'http://192.168.0.7:3000',
  'https://localhost.example.com',
  'http://127.example',
])('%s may be reached from others', (url) => expect(isLocalAddress(url)).toBe(false));
