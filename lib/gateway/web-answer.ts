import type { Answer, AnswerStart } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { reply, type RequestContext } from './web-reply.ts';

type Sending = {
  exchange: Exchange;
  answer: Answer;
  started: Exclude<AnswerStart, { kind: 'repeat' }>;
  response: Response;
  abort: AbortController;
  context: RequestContext;
};

/** The provider's answer as ours; the call is settled when its last byte has passed. */
export async function sendAnswer(sending: Sending): Promise<Response> {
  const { answer, started, response, context } = sending;
  const { requestId } = context;
  if (started.kind === 'reply') {
    await response.body?.cancel().catch(() => {});
    await answer.settle({ complete: true, clientGone: false }, started.reply.status);
    return reply(started.reply, requestId);
  }
  const headers = { ...started.headers, 'x-request-id': requestId };
  if (started.kind === 'error') {
    const body = await bounded(response, sending.exchange.state.limits.errorBody);
    const hidden = answer.errorBody(body);
    await answer.settle({ complete: true, clientGone: false }, hidden?.status ?? started.status);
    return hidden === null ? new Response(body, { status: started.status, headers }) : reply(hidden, requestId);
  }
  if (response.body === null) {
    await answer.settle({ complete: true, clientGone: false });
    return new Response(null, { status: started.status, headers });
  }
  return new Response(passing(sending, response.body), { status: started.status, headers });
}

/** The answer's chunks, each as it comes and none ahead of the caller. */
function passing(
  { exchange, answer, abort, context }: Sending,
  body: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const settled = Promise.withResolvers<void>();
  context.waitUntil?.(settled.promise);
  const finish = async (complete: boolean, clientGone: boolean): Promise<void> => {
    context.signal.removeEventListener('abort', leave);
    await answer.settle({ complete, clientGone }, clientGone ? 499 : undefined);
    settled.resolve();
  };
  let leaving: Promise<void> | null = null;
  const drainAndFinish = async (): Promise<void> => {
    const complete = await drain(exchange, answer, reader);
    if (!complete) abort.abort(new Error('The caller is gone.'));
    await finish(complete, true);
  };
  const leave = (): Promise<void> => (leaving ??= drainAndFinish());
  // A server whose caller went before the answer began neither reads the answer nor cancels it.
  if (context.signal.aborted) void leave();
  else context.signal.addEventListener('abort', leave, { once: true });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          for (;;) {
            const { done, value } = await reader.read();
            if (leaving !== null) {
              // Asked for before the caller went: the drain, which comes to the end by itself, has not seen this one.
              if (!done) answer.pass(value);
              return;
            }
            const bytes = done ? answer.rest() : answer.pass(value);
            if (bytes !== null && bytes.length > 0) controller.enqueue(bytes);
            if (done) {
              await finish(true, false);
              controller.close();
              return;
            }
            // A chunk of which all is held back satisfies nobody who reads.
            if (bytes !== null && bytes.length > 0) return;
          }
        } catch (error) {
          if (leaving !== null) return;
          const bytes = answer.rest();
          if (bytes !== null) controller.enqueue(bytes);
          await finish(false, false);
          controller.error(error);
        }
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  );
}

/** Reads on for the usage within bounds. @returns whether the end came */
async function drain(
  { state }: Exchange,
  answer: Answer,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<boolean> {
  const { limits } = state;
  if (state.drains >= limits.drains) return false;
  state.drains++;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), limits.drainMs);
  });
  try {
    for (let bytes = 0; bytes <= limits.drainBytes;) {
      const next = await Promise.race([reader.read(), late]);
      if (next === 'late') return false;
      if (next.done) return true;
      answer.pass(next.value);
      bytes += next.value.length;
    }
    return false;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    state.drains--;
  }
}

/** The body of an error, or null when it is longer than the limit. */
async function bounded({ body }: Response, limit: number): Promise<Uint8Array<ArrayBuffer> | null> {
  if (body === null) return new Uint8Array(0);
  const reader = body.getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > limit) {
        void reader.cancel().catch(() => {});
        return null;
      }
      pieces.push(value);
    }
  } catch {
    return null;
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
