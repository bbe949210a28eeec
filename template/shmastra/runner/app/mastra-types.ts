// The parts of Mastra that the runner touches. They are described here because the real ones are loaded from whatever
// version the project has installed.

export type Mastra = {
  getServer(): { apiPrefix?: string } | undefined;
  getStorage(): unknown;
  startWorkers?(): Promise<void>;
  stopWorkers?(options?: { drainTimeout?: number }): Promise<void>;
  restartAllActiveWorkflowRuns?(): Promise<void>;
  recoverAllDurableAgents?(): Promise<unknown>;
  recoveryConfig?: { durableAgents?: string };
  listMCPServers?(): Record<string, { close?: () => Promise<void> }> | undefined;
  getChannels?(): Record<string, { sdk?: { shutdown?: () => Promise<void> } | null }>;
  /** Ends workers, flushes traces and closes the storage; leaves MCP servers, MCP clients and channels as they are. */
  shutdown?(options?: { drainTimeout?: number }): Promise<void>;
};

export type HonoApp = {
  fetch(request: Request, environment?: unknown): Response | Promise<Response>;
  /** Listens for `upgrade` on the server that it is given. */
  injectWebSocket?(server: unknown): void;
};

export declare function createHonoServer(
  mastra: Mastra,
  options: { tools: Record<string, unknown>; isDev?: boolean; studio?: boolean },
): Promise<HonoApp>;

/** The tools among the exports of some modules. */
export declare function getToolExports(modules: object[]): Record<string, unknown> | undefined;

export type ModelRegistry = {
  PROVIDER_REGISTRY: Record<string, { url?: string }>;
  defaultGateways: { id: string }[];
};
