import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { z } from 'zod';

const Message = z.object({ response: z.object({ statusCode: z.number(), headers: z.array(z.unknown()) }) });

/**
 * Watches every answer to the SDK's calls in this process: whoever is refused with 429 or 503 must be told when to come
 * again. @returns how many were, how many of them without Retry-After, and a function that ends the watch
 */
export function watchRefusals(): { seen: number; without: number; stop(): void } {
  const result = { seen: 0, without: 0, stop: () => unsubscribe('undici:request:headers', look) };
  function look(message: unknown): void {
    const parsed = Message.safeParse(message);
    if (!parsed.success || ![429, 503].includes(parsed.data.response.statusCode)) return;
    result.seen += 1;
    const names = parsed.data.response.headers.map((item) => String(item).toLowerCase());
    if (!names.includes('retry-after')) result.without += 1;
  }
  subscribe('undici:request:headers', look);
  return result;
}
