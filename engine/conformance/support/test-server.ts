/**
 * A server for the inside of a sandbox, which has Node at /.engine/node: tells what it received, streams events and echoes
 * text frames of WebSockets. Arguments: port, address.
 */
export const TEST_SERVER = `
const { createServer } = require('node:http');
const { createHash } = require('node:crypto');
let open = 0;
const server = createServer((request, answer) => {
  if (request.url === '/events') {
    open += 1;
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    let count = 0;
    const timer = setInterval(() => answer.write('data: ' + ++count + '\\n\\n'), 20);
    request.on('close', () => { clearInterval(timer); open -= 1; });
    return;
  }
  if (request.url === '/open') return answer.end(String(open));
  if (request.url === '/redirect') return answer.writeHead(302, { location: 'http://127.0.0.1/elsewhere' }).end();
  const hash = createHash('sha256');
  request.on('data', (chunk) => hash.update(chunk));
  request.on('end', () => {
    answer.writeHead(request.url === '/teapot' ? 418 : 200, { 'set-cookie': ['a=1', 'b=2'], 'x-seen': 'yes' });
    const { method, url, headers } = request;
    answer.end(request.method === 'HEAD' ? undefined : JSON.stringify({ method, url, headers, sha256: hash.digest('hex') }));
  });
});
server.on('upgrade', (request, socket) => {
  const key = request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: '
    + createHash('sha1').update(key).digest('base64') + '\\r\\n\\r\\n');
  socket.on('error', () => {});
  socket.on('data', (frame) => {
    const mask = frame.subarray(2, 6);
    const payload = Buffer.from(frame.subarray(6, 6 + (frame[1] & 127)).map((byte, index) => byte ^ mask[index % 4]));
    socket.write(Buffer.concat([Buffer.from([frame[0], payload.length]), payload]));
  });
});
server.listen(Number(process.argv[2]), process.argv[3]);
`;
