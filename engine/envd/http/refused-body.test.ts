import { request as send, Agent } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestEnvd, type TestEnvd, TOKEN } from '../testing.ts';
import { MAX_RPC_BYTES } from './frames.ts';

let envd: TestEnvd;
/** One connection for everything: what a refused request leaves behind meets the next one. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
beforeAll(async () => {
  envd = await startTestEnvd();
});
afterAll(async () => {
  agent.destroy();
  await envd.close();
});

function post(
  path: string,
  type: string,
  body: Buffer,
): Promise<{ status: number | undefined; text: string; reused: boolean }> {
  return new Promise((resolve, reject) => {
    const headers = { 'x-access-token': TOKEN, 'content-type': type, 'content-length': body.length };
    const request = send(envd.url + path, { method: 'POST', agent, headers, timeout: 5000 }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      response.on('end', () => resolve({ status: response.statusCode, text, reused: request.reusedSocket }));
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', reject);
    request.end(body);
  });
}
const form = (content: Buffer) =>
  Buffer.concat([
    Buffer.from('--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\n'),
    content,
    Buffer.from('\r\n--b--\r\n'),
  ]);

/** Around what a socket and a stream hold. A client drops the connection itself while it sends for long. */
const SIZES = [1000, 60_000, 64_000, 65_000, 66_000, 70_000, 100_000, 130_000, 140_000, 200_000];

it.each(SIZES)('answers the next request on the connection after a refused upload of %d bytes', async (size) => {
  const type = 'multipart/form-data; boundary=b';
  expect((await post('/files?path=/proc/self/environ/x', type, form(Buffer.alloc(size)))).status).toBe(500);
  expect(await post('/files?path=fits', type, form(Buffer.from('fits')))).toMatchObject({ status: 200, reused: true });
  expect((await post('/files?path=/dev/full', 'application/octet-stream', Buffer.alloc(size))).status).toBe(400);
  expect(await post('/filesystem.Filesystem/Stat', 'application/json', Buffer.from('{}'))).toMatchObject({
    status: 200,
  });
});

it('answers an RPC that is too long, and the next', async () => {
  const long = Buffer.alloc(MAX_RPC_BYTES + 1000, ' ');
  expect(await post('/filesystem.Filesystem/Stat', 'application/json', long)).toMatchObject({ status: 429 });
  const streamed = await post('/process.Process/Start', 'application/connect+json', long);
  expect(streamed.text).toContain('resource_exhausted');
  expect(await post('/filesystem.Filesystem/Stat', 'application/json', Buffer.from('{}'))).toMatchObject({
    status: 200,
  });
});
