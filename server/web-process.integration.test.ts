import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { WebProcess } from './testing/web-process.ts';
import { ORIGIN, startWeb, type Web } from './testing/web-team.ts';

let parts: Web;
beforeAll(async () => void (parts = await startWeb()));
afterAll(() => parts?.close());

describe('the process of the pages', () => {
  it('refuses to take a socket on which another one listens', async () => {
    const { socketPath, env } = parts;
    const second = new WebProcess({ socketPath, origin: ORIGIN, env });
    expect(await second.start()).toBe(1);
    expect(second.output).toContain('already listens');
  });

  it('names what is missing in its settings', async () => {
    const without = new WebProcess({ socketPath: `${parts.socketPath}.other`, origin: ORIGIN, env: {} });
    expect(await without.start()).toBe(1);
    expect(without.output).toContain('DATABASE_URL');
  });

  it('takes over the socket of one that was killed, and stops cleanly', async () => {
    const { web, socketPath } = parts;
    await web.end('SIGKILL');
    expect(existsSync(socketPath)).toBe(true);
    web.output = '';
    expect(await web.start()).toBe('listening');
    expect((await web.call('/sign-in')).status).toBe(200);
    expect(await web.end('SIGTERM')).toBe(0);
    expect(existsSync(socketPath)).toBe(false);
  });
});
