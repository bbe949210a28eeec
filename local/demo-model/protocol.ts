import type { DemoModelError } from './errors.ts';
import type { IdSource } from './ids.ts';
import type { Planner } from './planner.ts';

/** A provider's HTTP interface: what it answers, and how it says what is wrong. */
export type Protocol = {
  endpoints: readonly Endpoint[];
  errorBody(error: DemoModelError, requestId: string): unknown;
  /** The header in which the provider names a request. */
  requestIdHeader: string | null;
};

export type Endpoint = {
  method: 'GET' | 'POST';
  /** Of the path below the protocol's mount; named groups become `params`. */
  path: RegExp;
  /** @throws DemoModelError when the body is not valid */
  answer(call: ProtocolCall): Reply;
};

export type ProtocolCall = {
  /** Parsed JSON; undefined for GET. */
  body: unknown;
  params: Record<string, string>;
  query: URLSearchParams;
  plan: Planner;
  newId: IdSource;
  now: Date;
};

export type Reply =
  | { type: 'json'; body: unknown }
  /** Server-sent events. Google ends its lines with CR LF. */
  | { type: 'events'; events: Iterable<StreamEvent>; lineEnd?: '\r\n' }
  /** Google's streams without `alt=sse`: one JSON array, an item at a time. */
  | { type: 'array'; events: Iterable<StreamEvent> };

export type StreamEvent = {
  event?: string;
  /** A string is sent as it is, everything else as JSON. */
  data: unknown;
  /** A piece of the answer: it takes the model a moment. */
  delta?: true;
};

export const jsonReply = (body: unknown): Reply => ({ type: 'json', body });
