const MB = 1024 * 1024;

/** Bounds of the gateway. Bytes and milliseconds. */
export type GatewayLimits = {
  /** Largest request body. */
  body: number;
  /** Up to here a body is read whole, so that it can be sent again with another key; larger ones stream through. */
  wholeBody: number;
  /** Largest body for Composio, which is always read whole. */
  toolBody: number;
  /** Bodies in memory at the same time, over all calls. */
  bodyMemory: number;
  /** The same of one user. */
  userBodyMemory: number;
  /** Largest error answer of a provider that is passed on; it is looked through for keys. */
  errorBody: number;
  /** How long, and for how many bytes, an answer is read on for its usage when the caller is gone. */
  drainMs: number;
  drainBytes: number;
  /** Answers without a caller that are read on at the same time; more are cut at once. */
  drains: number;
  /** Attempts with different keys for one call. */
  attempts: number;
};

export const GATEWAY_LIMITS: GatewayLimits = {
  body: 50 * MB,
  wholeBody: MB,
  toolBody: 5 * MB,
  bodyMemory: 64 * MB,
  userBodyMemory: 16 * MB,
  errorBody: 64 * 1024,
  drainMs: 10_000,
  drainBytes: 8 * MB,
  drains: 256,
  attempts: 3,
};
