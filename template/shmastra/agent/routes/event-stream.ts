const HEARTBEAT_MS = 20_000;

export type ServerEvent = { id?: number; data: string };

/** Sends events as they come, at the pace of the reader, with comments in between which show that both are still there. */
export function eventStream(events: (signal: AbortSignal) => AsyncIterable<ServerEvent>): Response {
  const gone = new AbortController();
  const encoder = new TextEncoder();
  let heartbeat: NodeJS.Timeout | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      heartbeat = setInterval(() => controller.enqueue(encoder.encode(': \n\n')), HEARTBEAT_MS);
      controller.enqueue(encoder.encode(': \n\n'));
      void send(controller).finally(() => clearInterval(heartbeat));
    },
    cancel() {
      clearInterval(heartbeat);
      gone.abort();
    },
  });

  async function send(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      for await (const { id, data } of events(gone.signal)) {
        if (gone.signal.aborted) return;
        controller.enqueue(encoder.encode(`${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`));
        await drained(controller, gone.signal);
      }
      if (!gone.signal.aborted) controller.close();
    } catch (error) {
      if (!gone.signal.aborted) controller.error(error);
    }
  }

  return new Response(stream, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Proxies that collect answers would hold the events back.
      'x-accel-buffering': 'no',
    },
  });
}

const MAX_QUEUED = 256;
const DRAIN_POLL_MS = 20;

/** A reader that is slower than the turn doesn't fill the memory. */
async function drained(controller: ReadableStreamDefaultController, signal: AbortSignal): Promise<void> {
  while ((controller.desiredSize ?? 0) < -MAX_QUEUED && !signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
  }
}
