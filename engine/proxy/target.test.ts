import { describe, expect, it } from 'vitest';
import { findTarget } from './target.ts';

const find = (headers: Record<string, string>) => findTarget({ headers }, 'sandbox.localhost:3900');

describe('findTarget', () => {
  it.each([
    [{ 'e2b-sandbox-id': 'iabc' }, { sandboxId: 'iabc', port: 49_983, envd: true }],
    [
      { 'e2b-sandbox-id': 'iabc', 'e2b-sandbox-port': '3000' },
      { sandboxId: 'iabc', port: 3000, envd: false },
    ],
    [
      { 'e2b-sandbox-id': 'iabc', host: '1-other.sandbox.localhost' },
      { sandboxId: 'iabc', port: 49_983, envd: true },
    ],
    [{ 'e2b-sandbox-id': '../x' }, { sandboxId: '', port: 49_983, envd: true }],
    [{ host: '4111-iabc.sandbox.localhost:3900' }, { sandboxId: 'iabc', port: 4111, envd: false }],
    [{ host: '4111-IABC.Sandbox.localhost' }, { sandboxId: 'iabc', port: 4111, envd: false }],
    [{ host: '49983-iabc.sandbox.localhost' }, { sandboxId: 'iabc', port: 49_983, envd: true }],
    [{ host: '99999-iabc.sandbox.localhost' }, { sandboxId: 'iabc', port: 0, envd: false }],
  ])('finds %j', (headers, expected) => {
    expect(find(headers)).toEqual(expected);
  });
  it.each([
    '127.0.0.1:3900',
    'sandbox.localhost',
    'iabc.sandbox.localhost',
    '4111-iabc.evil.localhost',
    '4111-i.x.sandbox.localhost',
    '',
  ])('takes %s for the API', (host) => {
    expect(find({ host })).toBeNull();
  });
});
