import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { startDemoModel } from '../../../local/demo-model/testing/start.ts';

type Refusal = { status: number; headers?: Record<string, string>; body: unknown };

/** Stands before the demo model as the gateway does: keeps what was asked of it, and refuses when told to. */
export class RecordingGateway {
  readonly url: string;
  /** The bodies of all requests. */
  readonly bodies: string[] = [];
  refusal: Refusal | undefined;
  /** The tiers that it offers, in the form of the control plane; without them it answers 404. */
  offer: unknown;
  readonly #close: () => Promise<void>;

  static async start(): Promise<RecordingGateway> {
    const model = await startDemoModel();
    let gateway: RecordingGateway | undefined;
    const server = createServer((incoming, response) => void gateway?.answer(incoming, response, model.url));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    gateway = new RecordingGateway(`http://127.0.0.1:${port}`, async () => {
      server.close();
      server.closeAllConnections();
      await model.close();
    });
    return gateway;
  }

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  get environment(): Record<string, string> {
    return { OPENAI_BASE_URL: `${this.url}/openai/v1`, SANDBOX_CONTROL_URL: this.url, VIRTUAL_KEY: 'vk_test' };
  }

  async answer(incoming: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (incoming.url?.startsWith('/api/gateway/shmastra/models')) {
      response.writeHead(this.offer === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(this.offer ?? {}));
      return;
    }
    this.bodies.push(body.toString('utf8'));
    if (this.refusal !== undefined) {
      response.writeHead(this.refusal.status, { 'content-type': 'application/json', ...this.refusal.headers });
      response.end(JSON.stringify(this.refusal.body));
      return;
    }
    const { method, headers } = incoming;
    const forwarded = request(target + incoming.url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    response.on('close', () => forwarded.destroy());
    forwarded.end(body);
  }

  close(): Promise<void> {
    return this.#close();
  }
}
