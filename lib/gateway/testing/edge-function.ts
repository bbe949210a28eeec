import { createFetchTransport } from '../fetch-transport.ts';
import { createGateway } from '../gateway.ts';
import { createRemoteChecks } from '../http-ledger.ts';
import { providersFromSettings } from '../provider.ts';

/** The gateway as an Edge function. What it is given in place of an environment is put in by the test that bundles it. */
declare const SETTINGS: { controlOrigin: string; secret: string; providerUrl: string; apiKey: string };
type FetchEvent = Event & {
  request: Request;
  respondWith(answer: Promise<Response>): void;
  waitUntil(work: Promise<unknown>): void;
};
declare function addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;

const none = { apiKey: undefined, baseUrl: undefined };
const providers = providersFromSettings({
  providers: {
    openai: { apiKey: SETTINGS.apiKey, baseUrl: `${SETTINGS.providerUrl}/openai/v1` },
    anthropic: none,
    google: none,
    composio: none,
  },
  demoModelUrl: undefined,
});

addEventListener('fetch', (event) => {
  const waitUntil = (work: Promise<unknown>): void => event.waitUntil(work);
  const gateway = createGateway({
    ...createRemoteChecks({ origin: SETTINGS.controlOrigin, secret: SETTINGS.secret, waitUntil }),
    providers,
    fetch: createFetchTransport(),
    log: { info: () => {}, warn: (fields, message) => console.warn(message, fields) },
  });
  const { request } = event;
  event.respondWith(gateway(request, { signal: request.signal, requestId: crypto.randomUUID(), waitUntil }));
});
