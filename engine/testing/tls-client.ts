// A program that knows E2B's settings and nothing of the engine. It prints what it saw as one JSON object.
import type * as Sdk from 'e2b';

const { Sandbox } = (await import(process.env.SDK ?? 'e2b')) as typeof Sdk;

const SERVER = `
const { createHash } = require('crypto');
const server = require('http').createServer((req, res) => {
  res.setHeader('x-seen-proto', String(req.headers['x-forwarded-proto']));
  res.end('from 3000');
});
server.on('upgrade', (req, socket) => {
  const accept = createHash('sha1').update(req.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  const text = Buffer.from('from the socket');
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n');
  socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
  socket.on('error', () => {});
});
server.listen(3000, '127.0.0.1');
`;

async function until(task: () => Promise<Response>): Promise<Response> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = await task();
    if (answer.status === 200 || Date.now() > deadline) return answer;
    await answer.text();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const sandbox = await Sandbox.create('base', { lifecycle: { onTimeout: 'pause' } });
const states = [(await sandbox.getInfo()).state];
const command = (await sandbox.commands.run('echo hello')).stdout;
await sandbox.files.write('/home/user/a.txt', 'content');
const file = await sandbox.files.read('/home/user/a.txt');
const signed = await (await fetch(await sandbox.downloadUrl('/home/user/a.txt'))).text();
await sandbox.files.write('/home/user/server.cjs', SERVER);
await sandbox.commands.run('/.engine/node /home/user/server.cjs', { background: true });
const answer = await until(() => fetch(`https://${sandbox.getHost(3000)}/`));
const page = { status: answer.status, text: await answer.text(), forwarded: answer.headers.get('x-seen-proto') };
const socket = await new Promise((resolve, reject) => {
  const client = new WebSocket(`wss://${sandbox.getHost(3000)}/`);
  client.addEventListener('message', ({ data }) => resolve(data));
  client.addEventListener('error', () => reject(new Error('the WebSocket failed')));
});
const closed = (await fetch(`https://${sandbox.getHost(4444)}/`)).status;
await sandbox.pause();
states.push((await sandbox.getInfo()).state);
await sandbox.connect();
states.push((await sandbox.getInfo()).state);
const domain = sandbox.getHost(1).replace(/^1-[a-z0-9]+\./, '');
const killed = await sandbox.kill();
console.log(JSON.stringify({ domain, command, file, signed, page, socket, closed, states, killed }));
process.exit(0);
