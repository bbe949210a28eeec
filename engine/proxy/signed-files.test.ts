import { getSignature } from 'e2b';
import { describe, expect, it } from 'vitest';
import { Sandbox } from '../sandboxes/sandbox.ts';
import { testRecord } from '../testing/record.ts';
import { findSignedSandbox } from './signed-files.ts';

const sandboxes = ['one', 'two', 'three'].map(
  (token) => new Sandbox(testRecord({ id: `i${token}`, envdToken: token })),
);

describe('findSignedSandbox', () => {
  it.each(['read', 'write'] as const)('finds the sandbox by the SDK’s signature to %s', async (operation) => {
    const { signature, expiration } = await getSignature({
      path: '/a b',
      operation,
      user: 'user',
      expirationInSeconds: 60,
      envdAccessToken: 'two',
    });
    const url = new URL('http://engine/files');
    url.searchParams.set('path', '/a b');
    url.searchParams.set('username', 'user');
    url.searchParams.set('signature', signature);
    url.searchParams.set('signature_expiration', String(expiration));
    const method = operation === 'read' ? 'GET' : 'POST';
    expect(findSignedSandbox(method, url, sandboxes)?.id).toBe('itwo');
    url.searchParams.set('path', '/other');
    expect(findSignedSandbox(method, url, sandboxes)).toBeNull();
  });
});
