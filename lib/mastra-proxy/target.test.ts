import { expect, test } from 'vitest';
import { signInUrl, workspaceUrl } from './return-to.ts';
import { sandboxPath } from './target.ts';
import { mayBeEngineAnswer, readEngineAnswer } from './upstream-answer.ts';

test('the mount maps to the root of the sandbox, a browser socket to itself', () => {
  expect(sandboxPath('/api/mastra')).toBe('/');
  expect(sandboxPath('/api/mastra/api/agents')).toBe('/api/agents');
  expect(sandboxPath('/api/mastrax')).toBeNull();
  expect(sandboxPath('/browser/a1/stream')).toBeNull();
  expect(sandboxPath('/browser/a1/stream', true)).toBe('/browser/a1/stream');
  expect(sandboxPath('/browser/a1/stream/x', true)).toBeNull();
});

test('only pages of Studio are carried through sign-in', () => {
  expect(signInUrl('/studio/agents', '?a=1')).toBe('/sign-in?returnTo=%2Fstudio%2Fagents%3Fa%3D1');
  expect(workspaceUrl('/studio', '')).toBe('/workspace?returnTo=%2Fstudio');
  expect(signInUrl('/other', '')).toBe('/sign-in');
  expect(signInUrl('//evil.example', '')).toBe('/sign-in');
});

test("tells the engine's words from the sandbox's own", () => {
  const json = { 'content-type': 'application/json; charset=utf-8' };
  expect(mayBeEngineAnswer(502, json)).toBe(true);
  expect(mayBeEngineAnswer(502, { ...json, 'content-length': '99999' })).toBe(false);
  expect(mayBeEngineAnswer(502, { 'content-type': 'text/html' })).toBe(false);
  expect(mayBeEngineAnswer(500, json)).toBe(false);
  const answer = (body: unknown) => readEngineAnswer(JSON.stringify(body), 'abc');
  const notFound = { sandboxId: 'abc', message: 'The sandbox was not found', code: 502 };
  expect(answer(notFound)).toBe('not_found');
  expect(answer({ ...notFound, port: 4111, message: 'The sandbox is running but port is not open' })).toBe(
    'port_closed',
  );
  expect(answer({ ...notFound, port: 4111, message: 'The server in the sandbox closed' })).toBe('broken_off');
  expect(answer({ ...notFound, sandboxId: 'other' })).toBeNull();
  expect(answer({ error: 'mine' })).toBeNull();
  expect(readEngineAnswer('not json', 'abc')).toBeNull();
});
