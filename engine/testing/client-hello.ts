import { connect as connectTcp, createServer } from 'node:net';
import { connect } from 'node:tls';

/** The first bytes that Node's own TLS client sends. */
export function clientHello(servername: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (data) => {
        socket.destroy();
        server.close();
        resolve(data);
      });
    }).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      const client = connect({ socket: connectTcp(port, '127.0.0.1'), servername, rejectUnauthorized: false });
      client.on('error', () => {});
    });
  });
}
