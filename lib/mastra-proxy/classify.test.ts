import { expect, test } from 'vitest';
import { classifyRequest, extendsSandbox, wakesSandbox, type RequestKind } from './classify.ts';

test.each<[string, Parameters<typeof classifyRequest>[0], RequestKind]>([
  ['a poll of the page', { method: 'GET', fetchMode: 'cors', accept: '*/*' }, 'background'],
  ['a fetch that accepts pages', { method: 'GET', fetchMode: 'cors', accept: 'text/html' }, 'background'],
  ['an event stream', { method: 'GET', accept: 'text/event-stream' }, 'background'],
  ['a head request', { method: 'HEAD' }, 'background'],
  ['a preflight', { method: 'OPTIONS' }, 'background'],
  ['an address typed into the bar', { method: 'GET', fetchMode: 'navigate' }, 'navigation'],
  ['a client without fetch metadata that wants a page', { method: 'GET', accept: 'text/html,*/*' }, 'navigation'],
  ['a chat message', { method: 'POST', fetchMode: 'cors' }, 'write'],
  ['a deletion', { method: 'DELETE' }, 'write'],
  ['a socket', { method: 'GET', fetchMode: 'websocket', upgrade: true }, 'write'],
])('%s', (_name, request, kind) => {
  expect(classifyRequest(request)).toBe(kind);
});

test('only what a person does wakes, only work extends', () => {
  expect((['background', 'navigation', 'write'] as const).map(wakesSandbox)).toEqual([false, true, true]);
  expect((['background', 'navigation', 'write'] as const).map(extendsSandbox)).toEqual([false, false, true]);
});
