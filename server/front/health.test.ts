import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createHealthRoute, type HealthCheck } from './health.ts';
import { listen } from './testing.ts';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function ask(checks: HealthCheck[]) {
  const route = createHealthRoute(checks);
  const server = createServer((_req, res) => void route(res));
  servers.push(server);
  const answer = await fetch(`http://127.0.0.1:${await listen(server)}/health`);
  return { status: answer.status, body: (await answer.json()) as { missing?: string[] } };
}

test('names what is missing, also when it does not answer at all', async () => {
  const checks = [
    { name: 'database', check: async () => Promise.reject(new Error('refused')) },
    { name: 'web', check: () => new Promise(() => {}) },
    { name: 'fine', check: async () => 1 },
  ];
  const { status, body } = await ask(checks);
  expect(status).toBe(503);
  expect(body.missing).toEqual(['database', 'web']);
});

test('is well when everything answers', async () => {
  expect((await ask([{ name: 'database', check: async () => 1 }])).status).toBe(200);
});
