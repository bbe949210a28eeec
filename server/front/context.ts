import type { Agent, Dispatcher } from 'undici';
import type { Log } from '../../lib/log.ts';
import type { ConcurrencyLimit } from './concurrency.ts';
import type { Liveness } from './liveness.ts';
import type { FrontServices } from './services.ts';

export type SandboxUpstream = { origin: string; host: string };

/** What every route of the front gets. */
export type FrontContext = {
  log: Log;
  services: FrontServices;
  liveness: Liveness;
  /** Requests and sockets to sandboxes that are open now. */
  limit: ConcurrencyLimit;
  /** Connections to sandboxes. */
  sandboxes: Agent;
  /** Connections to the web process. */
  web: Dispatcher;
  /** Origin of PUBLIC_URL. */
  ownOrigin: string;
  /** Host part below which user apps live; the control plane answers nothing there. */
  appsDomain: string;
  /** Where to connect to for the server in a sandbox, and the Host header to send there. */
  upstream: (sandboxId: string) => SandboxUpstream;
};

/** One request on its way through the front. */
export type RequestFacts = { requestId: string; path: string; query: string };
