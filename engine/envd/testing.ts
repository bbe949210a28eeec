import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { koffiAddon } from './bundle.ts';
import { streamProcess, type ProcessStreamEvent } from './client-stream.ts';
import { encodeFrame } from './http/frames.ts';
import { useKoffi } from './native/libc.ts';
import { createEnvd } from './server.ts';
import type { Context } from './state.ts';
import { Users } from './users.ts';

export const TOKEN = 'token-of-the-test';

export type TestEnvd = {
  url: string;
  home: string;
  context: Context;
  /** POST of a unary RPC or another path, with the token unless told otherwise. */
  call: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<{ status: number; json: unknown }>;
  /** The whole answer of a streaming RPC, frames and all, as text. */
  stream: (path: string, message: unknown, headers?: Record<string, string>) => Promise<string>;
  /** Runs a command to its end. */
  run: (cmd: string, options?: { timeoutMs?: number }) => Promise<ProcessStreamEvent[]>;
  close: () => Promise<void>;
};

/** Envd in this process, as this process's user, with a home folder of its own. */
export async function startTestEnvd(): Promise<TestEnvd> {
  useKoffi(koffiAddon());
  const dir = await mkdtemp(path.join(tmpdir(), 'envd-test-'));
  const home = path.join(dir, 'home');
  await mkdir(home);
  const ids = `${process.getuid?.()}:${process.getgid?.()}`;
  await writeFile(path.join(dir, 'passwd'), `user:x:${ids}::${home}:/bin/bash\n`);
  await writeFile(path.join(dir, 'group'), `users:x:${process.getgid?.()}:\n`);
  const defaults = { envVars: { FROM_DEFAULTS: 'yes' }, user: 'user' };
  const context: Context = { users: new Users(dir), token: TOKEN, defaults, now: Date.now };
  const server = createEnvd(context);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    home,
    context,
    call: async (to, body = {}, headers = {}) => {
      const response = await fetch(url + to, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-access-token': TOKEN, ...headers },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
    },
    stream: async (to, message, headers = {}) => {
      const response = await fetch(url + to, {
        method: 'POST',
        headers: { 'content-type': 'application/connect+json', 'x-access-token': TOKEN, ...headers },
        body: new Uint8Array(encodeFrame(message)),
      });
      return response.text();
    },
    run: async (cmd, { timeoutMs } = {}) => {
      const events: ProcessStreamEvent[] = [];
      const envd = { url, token: TOKEN };
      for await (const event of streamProcess(envd, { cmd, user: 'user' }, AbortSignal.timeout(10_000), timeoutMs)) {
        events.push(event);
      }
      return events;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** What a command wrote. */
export function outputOf(events: ProcessStreamEvent[], from: 'stdout' | 'stderr' = 'stdout'): string {
  const chunks = events.flatMap((event) => (event.kind === 'output' && event.from === from ? [event.data] : []));
  return Buffer.concat(chunks).toString('utf8');
}

/** The bytes of one kind of output in the answer of a streaming RPC. */
export function bytesOf(answer: string, from: 'stdout' | 'stderr' | 'pty'): Buffer {
  const pieces = [...answer.matchAll(new RegExp(`"${from}":"([^"]*)"`, 'g'))];
  return Buffer.concat(pieces.map(([, piece]) => Buffer.from(piece ?? '', 'base64')));
}
