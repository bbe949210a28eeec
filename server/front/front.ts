import type { Server } from 'node:http';
import { closeContext, type Context, createContext } from '../../lib/context.ts';
import { SettingsError } from '../../lib/errors.ts';
import { createGatewayCore, type GatewayOptions } from '../../lib/gateway/core.ts';
import { modelOffer } from '../../lib/gateway/model-offer.ts';
import { providersFromSettings } from '../../lib/gateway/provider.ts';
import type { Log } from '../../lib/log.ts';
import { sandboxUpstream } from '../../lib/sandbox/index.ts';
import type { Settings } from '../../lib/settings.ts';
import { createLedger } from '../../lib/usage/ledger.ts';
import { createPriceBook } from '../../lib/usage/prices/book.ts';
import { createResponseOwner } from '../../lib/usage/response-owner.ts';
import { createKeyResolver, type KeyResolver } from '../../lib/virtual-keys/index.ts';
import { createConcurrencyLimit } from './concurrency.ts';
import type { FrontContext } from './context.ts';
import { controlListener } from './control-listener.ts';
import { createControlRouter } from './control-router.ts';
import { providerDispatcher, sandboxDispatcher, webDispatcher } from './dispatchers.ts';
import { createDomainServices } from './domain-services.ts';
import { createGatewayRoute } from './gateway-route.ts';
import { createHealRoute } from './heal-route.ts';
import { createHealthRoute } from './health.ts';
import { signInChecks } from './health-checks.ts';
import { bind, closeServer, createListener } from './listener.ts';
import { createLiveness } from './liveness.ts';
import { createModelOfferRoute } from './model-offer-route.ts';
import { extendInBackground } from './ready-sandbox.ts';
import { createPublicRouter } from './router.ts';
import { loadStudio } from './studio-files.ts';
import { createUpgradeHandler } from './upgrade-route.ts';
import { loadWidget } from './widget-files.ts';
import { workspaceInfo } from './workspace-info.ts';

/** Requests, streams and sockets of one person to their sandbox at the same time. */
const REQUESTS_PER_USER = 200;

export type Front = {
  /** Binds the public listener; the control listener follows when its address is there. Returns the public port. */
  listen(): Promise<number>;
  /** Port of the control listener once it is bound. */
  controlPort(): Promise<number | null>;
  close(graceMs: number): Promise<void>;
};

export type FrontOptions = {
  log: Log;
  /** The built Studio. */
  studioFolder: string;
  /** The built widget. */
  widgetFolder: string;
  /** For tests; else one is made from the settings. */
  context?: Context;
  /** How long to wait for the control listener's address. Milliseconds. */
  controlPatienceMs?: number;
  /** For benchmarks, which call from one address. */
  connectionsPerAddress?: number;
};

/** The front: everything between browsers, sandboxes, providers and the web process. Connects to nothing yet. */
export async function createFront(settings: Settings, options: FrontOptions): Promise<Front> {
  if (settings.webSocket === undefined)
    throw new SettingsError(['WEB_SOCKET: is not set (the socket of the web process)']);
  const { log } = options;
  const widget = await loadWidget(options.widgetFolder);
  const studio = await loadStudio(options.studioFolder, widget.script);
  const context = options.context ?? createContext(settings, { name: 'front', log });
  const dispatchers = {
    sandboxes: sandboxDispatcher(),
    providers: providerDispatcher(),
    web: webDispatcher(settings.webSocket),
  };
  const services = createDomainServices(context);
  const keys = createKeyResolver(context);
  const providers = providersFromSettings(settings);
  const ledger = createLedger(context, { isDemo: (name) => providers.get(name)?.demo === true });
  const upstream = (sandboxId: string) => sandboxUpstream(settings, sandboxId);
  const front: FrontContext = {
    log,
    services,
    liveness: createLiveness({ dispatcher: dispatchers.sandboxes, upstream }),
    limit: createConcurrencyLimit(REQUESTS_PER_USER, 'requests'),
    sandboxes: dispatchers.sandboxes,
    web: dispatchers.web,
    ownOrigin: settings.publicUrl,
    appsDomain: settings.appsDomain,
    upstream,
  };
  const control = createControlRouter({
    models: createModelOfferRoute(
      modelOffer(providers, {
        models: settings.models,
        defaultModel: settings.sandbox.defaultModel,
        prices: createPriceBook({ overrides: settings.usage.prices }),
      }),
      keys.resolveFrom,
    ),
    gateway: createGatewayRoute(
      createSandboxGateway(front, {
        keys,
        providers,
        ledger,
        responseOwner: createResponseOwner(context),
        limits: { drainMs: settings.gatewayDrainSeconds * 1000 },
      }),
      dispatchers.providers,
    ),
    heal: createHealRoute(context, keys),
  });
  const upgrades = createUpgradeHandler(front);
  const publicServer = createListener({
    name: 'public',
    log,
    route: createPublicRouter(front, {
      studio,
      widget,
      info: workspaceInfo(providers, settings.sandbox.defaultModel),
      health: createHealthRoute(signInChecks(context.database, dispatchers.web)),
      control: settings.controlListen ? null : control,
    }),
    upgrade: upgrades.handle,
  });
  const controlServer = settings.controlListen ? controlListener(settings.controlListen, control, options) : null;
  return {
    listen: async () => {
      await bind(publicServer, { host: settings.host, port: settings.port }, { patienceMs: 5000, log });
      log.info({ host: settings.host, port: portOf(publicServer), url: settings.publicUrl }, 'front is listening');
      controlServer?.start();
      return portOf(publicServer);
    },
    controlPort: async () => {
      await controlServer?.bound;
      return controlServer ? portOf(controlServer.server) : null;
    },
    close: async (graceMs) => {
      upgrades.close();
      services.close();
      keys.close();
      await Promise.all([closeServer(publicServer, graceMs), controlServer?.close(graceMs)]);
      await Promise.all(Object.values(dispatchers).map((dispatcher) => dispatcher.destroy()));
      await ledger.close();
      if (!options.context) await closeContext(context);
    },
  };
}

type GatewayParts = { keys: KeyResolver } & Pick<GatewayOptions, 'providers' | 'ledger' | 'responseOwner' | 'limits'>;

function createSandboxGateway(front: FrontContext, { keys, ...rest }: GatewayParts) {
  return createGatewayCore({
    resolveKey: keys.resolveFrom,
    ...rest,
    log: front.log,
    // An agent at work keeps its sandbox awake.
    onCall: ({ userId }) => {
      front.services.findSandbox(userId).then(
        (sandbox) => sandbox && extendInBackground(front, sandbox),
        () => {},
      );
    },
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
