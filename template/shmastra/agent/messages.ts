import * as z from 'zod/mini';

// What the runner and the agent's process tell each other. Both are our own code; the messages are checked all the same,
// since the two may be of different versions while an update is on its way.

const environment = z.record(z.string(), z.string());

const toAgent = z.discriminatedUnion('type', [
  /** The sandbox's environment; comes before the first request, and again when it changes. */
  z.object({ type: z.literal('configure'), environment, port: z.number() }),
  /** How a call ended. `value` is that of the method; a failure is told in words. */
  z.object({ type: z.literal('returned'), id: z.number(), value: z.optional(z.unknown()) }),
  z.object({ type: z.literal('refused'), id: z.number(), message: z.string() }),
  /** What a call that is still running has to tell. */
  z.object({ type: z.literal('progress'), id: z.number(), value: z.unknown() }),
  z.object({ type: z.literal('ping') }),
  z.object({ type: z.literal('stop') }),
]);

const fromAgent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('listening') }),
  /** A turn runs or waits for a person: the process is needed. */
  z.object({ type: z.literal('busy'), busy: z.boolean() }),
  z.object({ type: z.literal('call'), id: z.number(), method: z.string(), arguments: z.array(z.unknown()) }),
  z.object({ type: z.literal('pong') }),
]);

export type ToAgent = z.infer<typeof toAgent>;
export type FromAgent = z.infer<typeof fromAgent>;

/** A message of the runner, or undefined for one that isn't known. */
export function parseToAgent(message: unknown): ToAgent | undefined {
  const parsed = toAgent.safeParse(message);
  return parsed.success ? parsed.data : undefined;
}

/** A message of the agent's process, or undefined for one that isn't known. */
export function parseFromAgent(message: unknown): FromAgent | undefined {
  const parsed = fromAgent.safeParse(message);
  return parsed.success ? parsed.data : undefined;
}
