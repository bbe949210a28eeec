/** Largest request body towards a provider. Bytes. */
export const GATEWAY_BODY_LIMIT = 50 * 1024 * 1024;

export class GatewayBodyTooLargeError extends Error {
  override name = 'GatewayBodyTooLargeError';
}

/** The same bytes in the same chunks; fails once they are more than `limit`. Pulls only as fast as it is read. */
export function limitedBody(body: ReadableStream<Uint8Array>, limit: number): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let size = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        size += value.byteLength;
        if (size <= limit) return controller.enqueue(value);
        const error = new GatewayBodyTooLargeError(`The body is larger than ${limit} bytes.`);
        controller.error(error);
        void reader.cancel(error).catch(() => {});
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
