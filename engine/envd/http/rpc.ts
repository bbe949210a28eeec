import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import { basicUser } from './auth.ts';
import { readBody } from './body.ts';
import { EnvdError, toEnvdError } from './errors.ts';
import { deadlineMs, EventStream, failStream } from './event-stream.ts';
import { decodeSingleFrame, parseJson } from './frames.ts';

/** What an RPC knows of its caller. */
export type RpcCall = {
  /** The Linux user asked for, if any. */
  user: string | undefined;
  /** The caller's deadline in ms from now, if any. */
  deadlineMs: number | undefined;
  /** Aborts when the caller goes away. */
  readonly abort: AbortSignal;
  /** Starts the answer of a streaming RPC: errors before this are answered as the stream's end. */
  open: () => EventStream;
};

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
export type Rpcs = Record<string, Handler>;

function parse<Schema extends z.ZodMiniType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue && issue.path.length > 0 ? issue.path.join('.') : 'the message';
  throw new EnvdError('invalid_argument', `invalid request: ${where}: ${issue?.message ?? 'unexpected'}`);
}

function requireType(request: IncomingMessage, wanted: string): void {
  const type = request.headers['content-type']?.split(';')[0]?.trim();
  if (type !== wanted)
    throw new EnvdError('invalid_argument', `content type '${type}' is not supported: use ${wanted}`, 415);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

function callOf(request: IncomingMessage, response: ServerResponse): Omit<RpcCall, 'open'> {
  return {
    user: basicUser(request),
    deadlineMs: deadlineMs(request),
    // Few calls need it.
    get abort() {
      const controller = new AbortController();
      if (response.closed) controller.abort();
      response.once('close', () => controller.abort());
      return controller.signal;
    },
  };
}

/** Builders of handlers: one message in; one message (unary) or many (stream) out, in Connect's JSON codec. */
export const rpc = {
  empty: z.object({}),

  unary<Schema extends z.ZodMiniType>(
    schema: Schema,
    action: (message: z.infer<Schema>, call: Omit<RpcCall, 'open'>) => Promise<unknown>,
  ): Handler {
    return async (request, response) => {
      requireType(request, 'application/json');
      const message = parse(schema, parseJson(await readBody(request)));
      sendJson(response, 200, await action(message, callOf(request, response)));
    };
  },

  stream<Schema extends z.ZodMiniType>(
    schema: Schema,
    keepalive: unknown,
    action: (message: z.infer<Schema>, call: RpcCall) => Promise<void>,
  ): Handler {
    return async (request, response) => {
      requireType(request, 'application/connect+json');
      let stream: EventStream | undefined;
      try {
        const message = parse(schema, decodeSingleFrame(await readBody(request)));
        const open = () => (stream ??= new EventStream(request, response, keepalive));
        const call = callOf(request, response);
        await action(message, Object.assign(call, { open }));
      } catch (error) {
        if (stream) stream.end(toEnvdError(error));
        else failStream(response, toEnvdError(error));
      }
    };
  },
};
