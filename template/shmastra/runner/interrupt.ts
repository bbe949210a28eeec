import * as z from 'zod/mini';

/** Where a process is: an address of a module, a line and a column that count from 1. The innermost call first. */
export type Frame = { url: string; line: number; column: number };

const message = z.object({
  method: z.optional(z.string()),
  params: z.optional(
    z.object({
      scriptId: z.optional(z.string()),
      url: z.optional(z.string()),
      callFrames: z.optional(
        z.array(
          z.object({
            location: z.object({ scriptId: z.string(), lineNumber: z.number(), columnNumber: z.optional(z.number()) }),
          }),
        ),
      ),
    }),
  ),
});

/**
 * Asks Node's inspector where its process is, which works in the middle of an endless loop too. The process goes on
 * afterwards. Undefined if that takes longer than `timeoutMs`.
 */
export function whereIs(inspectorUrl: string, timeoutMs: number): Promise<Frame[] | undefined> {
  return new Promise((resolve) => {
    const urls = new Map<string, string>();
    const socket = new WebSocket(inspectorUrl);
    const finish = (frames: Frame[] | undefined) => {
      clearTimeout(timer);
      // Detaching lets a paused process go on.
      socket.close();
      resolve(frames);
    };
    const timer = setTimeout(() => finish(undefined), timeoutMs);
    socket.addEventListener('error', () => finish(undefined));
    socket.addEventListener('open', () => {
      for (const [index, method] of ['Debugger.enable', 'Debugger.pause'].entries()) {
        socket.send(JSON.stringify({ id: index + 1, method }));
      }
    });
    socket.addEventListener('message', ({ data }) => {
      const { method, params } = message.parse(JSON.parse(String(data)));
      if (method === 'Debugger.scriptParsed') urls.set(params?.scriptId ?? '', params?.url ?? '');
      if (method !== 'Debugger.paused') return;
      finish(
        params?.callFrames?.map(({ location }) => ({
          url: urls.get(location.scriptId) ?? '',
          line: location.lineNumber + 1,
          column: (location.columnNumber ?? 0) + 1,
        })),
      );
    });
  });
}
