import * as z from 'zod/mini';
import { attachmentSchema } from '../api/shapes.ts';
import type { Memory } from '../page/storage.ts';

/** A message that waits for its turn. Its id makes it one turn however often, and from however many tabs, it is sent. */
export const queuedSchema = z.object({
  clientId: z.string(),
  text: z.string(),
  attachments: z.array(attachmentSchema),
  replaces: z.optional(z.string()),
});
export type QueuedMessage = z.infer<typeof queuedSchema>;

export const MAX_QUEUED = 20;

export function addToQueue(queue: readonly QueuedMessage[], message: QueuedMessage): QueuedMessage[] {
  return [...queue, message].slice(0, MAX_QUEUED);
}

/** Puts a message that could not be sent back to where it was taken from. */
export function returnToQueue(queue: readonly QueuedMessage[], message: QueuedMessage): QueuedMessage[] {
  return [message, ...queue.filter((other) => other.clientId !== message.clientId)];
}

export function editQueued(queue: readonly QueuedMessage[], clientId: string, text: string): QueuedMessage[] {
  if (text.trim() === '') return removeQueued(queue, clientId);
  return queue.map((message) => (message.clientId === clientId ? { ...message, text } : message));
}

export function removeQueued(queue: readonly QueuedMessage[], clientId: string): QueuedMessage[] {
  return queue.filter((message) => message.clientId !== clientId);
}

export type SendFacts = { ready: boolean; turnRuns: boolean; held: boolean; queued: number };

/** Whether the first of the queue may go. Held after a stop or a failure: then the person says so. */
export function mayFlush(facts: SendFacts): boolean {
  return facts.queued > 0 && facts.ready && !facts.turnRuns && !facts.held;
}

const key = (session: string): string => `queue:${session}`;

export function readQueue(memory: Memory, session: string | null): QueuedMessage[] {
  return session === null ? [] : (memory.read(key(session), z.array(queuedSchema)) ?? []).slice(0, MAX_QUEUED);
}

export function writeQueue(memory: Memory, session: string | null, queue: readonly QueuedMessage[]): void {
  if (session !== null) memory.write(key(session), queue.length === 0 ? null : queue);
}
