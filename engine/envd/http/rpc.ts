import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import { basicUser } from './auth.ts';
import { dropRest, readBody } from './body.ts';
import { EnvdError, toEnvdError } from './errors.ts';
import { deadlineMs, EventStream, failStream } from './event-stream.ts';
import { codecOf } from './codec.ts';
import { decodeFrames, decodeSingleFrame, encodeEndFrame, frameOf, MAX_RPC_BYTES } from './frames.ts';

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

/** Builders of handlers for Connect's kinds of RPC: each side sends one message or a stream of them. */
export const rpc = {
  empty: z.object({}),

  unary<Schema extends z.ZodMiniType>(
    schema: Schema,
    action: (message: z.infer<Schema>, call: Omit<RpcCall, 'open'>) => Promise<unknown>,
  ): Handler {
    return async (request, response) => {
      const codec = await codecOf(request, 'unary');
      const message = parse(schema, codec.decode(await readBody(request)));
      const body = codec.encode(await action(message, callOf(request, response)));
      response.writeHead(200, { 'content-type': codec.unaryType, 'content-length': body.length });
      response.end(body);
    };
  },

  stream<Schema extends z.ZodMiniType>(
    schema: Schema,
    keepalive: unknown,
    action: (message: z.infer<Schema>, call: RpcCall) => Promise<void>,
  ): Handler {
    return async (request, response) => {
      const codec = await codecOf(request, 'stream');
      let stream: EventStream | undefined;
      try {
        const payload = decodeSingleFrame(await readBody(request), contentEncoding(request));
        const message = parse(schema, codec.decode(payload));
        const open = () => (stream ??= new EventStream(request, response, codec, keepalive));
        const call = callOf(request, response);
        await action(message, Object.assign(call, { open }));
      } catch (error) {
        dropRest(request);
        if (stream) stream.end(toEnvdError(error));
        else failStream(response, codec, toEnvdError(error));
      }
    };
  },

  /** The caller streams; `action` gets its messages as they come and gives the one answer. */
  clientStream<Schema extends z.ZodMiniType>(
    schema: Schema,
    action: (messages: AsyncGenerator<z.infer<Schema>>, call: Omit<RpcCall, 'open'>) => Promise<unknown>,
  ): Handler {
    return async (request, response) => {
      const codec = await codecOf(request, 'stream');
      try {
        const payloads = decodeFrames(request, MAX_RPC_BYTES, contentEncoding(request));
        const messages = (async function* () {
          for await (const payload of payloads) yield parse(schema, codec.decode(payload));
        })();
        const answer = frameOf(codec.encode(await action(messages, callOf(request, response))));
        response.writeHead(200, { 'content-type': codec.streamType });
        response.write(answer);
        response.end(encodeEndFrame());
      } catch (error) {
        dropRest(request);
        failStream(response, codec, toEnvdError(error));
      }
    };
  },
};

function contentEncoding(request: IncomingMessage): string | undefined {
  return request.headersDistinct['connect-content-encoding']?.[0];
}
