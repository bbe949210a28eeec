import type { GatewayError } from '../errors.ts';

/** What a request's body says about the call, as far as it was read. */
export type BodyFacts = {
  model: string | null;
  stream: boolean;
  /** `stream_options.include_usage` is on. */
  usageAsked: boolean;
  /** The bound on what a choice may be long, or null. */
  maxOutputTokens: number | null;
  /** How many choices or images are asked for; null when it is not said. */
  count: number | null;
};

export function noFacts(): BodyFacts {
  return { model: null, stream: false, usageAsked: false, maxOutputTokens: null, count: null };
}

/** Puts bytes in place of others. Offsets in the body as it came. */
export type Edit = { start: number; end: number; text: string };

/** Reads a body as it comes, in any pieces. */
export type BodyInspector = {
  readonly facts: BodyFacts;
  /** Ids of stored objects that the body names and the caller has to own. */
  readonly storedIds: readonly StoredId[];
  /** @returns why the body cannot be passed on, once that is clear */
  write(chunk: Uint8Array): GatewayError | null;
  /** Nothing follows. */
  end(): GatewayError | null;
  /** What has to change in the body, after `end`. */
  edit(): Edit | null;
  /** Offset behind the end of the body's value, -1 before. From there on only white space comes. */
  readonly doneAt: number;
};

export type StoredId = { kind: 'response' | 'item'; id: string };

export function invalidBody(message: string, next?: string): GatewayError {
  return { status: 400, code: 'invalid_body', message, ...(next === undefined ? {} : { next }) };
}

export function foreignObject(field: string): GatewayError {
  return {
    status: 403,
    code: 'stored_object_not_allowed',
    message: `"${field}" names an object that is stored at the provider, where everybody here shares one account.`,
    next: 'Send the content itself in place of its id.',
  };
}
