import { createServer } from 'node:http';
import { createGatewayCore } from '../../lib/gateway/core.ts';
import { createOpenLedger } from '../../lib/gateway/open-ledger.ts';
import { providerDispatcher } from '../../server/front/dispatchers.ts';
import { createGatewayRoute } from '../../server/front/gateway-route.ts';

/** The same transport without key, limits and books. */
export async function startBare(upstreamPort: number) {
  const dispatcher = providerDispatcher();
  const caller = { keyId: 'bench', userId: 'bench' };
  const core = createGatewayCore({
    resolveKey: async () => caller,
    providers: new Map([
      [
        'openai',
        {
          name: 'openai',
          protocol: 'openai',
          baseUrl: `http://127.0.0.1:${upstreamPort}/v1`,
          keys: [{ secret: 'sk-bench', weight: 1 }],
          demo: false,
        },
      ],
    ]),
    ledger: createOpenLedger(),
    log: { info: () => {}, warn: () => {} },
  });
  const route = createGatewayRoute(core, dispatcher);
  const server = createServer({ keepAliveTimeout: 75_000, noDelay: true }, (req, res) => {
    void route({ requestId: 'bench-request', path: req.url ?? '', query: '' }, req, res);
  });
  await new Promise<void>((done) => server.listen({ port: 0, host: '127.0.0.1', backlog: 2048 }, done));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await dispatcher.destroy();
    },
  };
}
