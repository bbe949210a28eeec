import type { TurnRequest } from '../api/client.ts';
import type { ChatMessage } from '../api/shapes.ts';
import type { ChatContext } from './context.ts';
import { localMessage } from './message.ts';
import type { QueuedMessage } from './queue.ts';
import type { Turn } from './state.ts';

/** The conversation as it looks once a message is on its way; what the message replaces is gone with all after it. */
export function withMessage(messages: readonly ChatMessage[], item: QueuedMessage): ChatMessage[] {
  const at = item.replaces === undefined ? -1 : messages.findIndex((message) => message.id === item.replaces);
  const kept = at === -1 ? messages : messages.slice(0, at);
  return [...kept, localMessage(item.clientId, item.text, item.attachments)];
}

/** A turn of this tab, before the agent has accepted it. */
export function ownTurn(context: ChatContext, item: QueuedMessage): Turn {
  return {
    sessionId: context.store.getState().sessionId,
    turnId: null,
    message: { id: `answer:${item.clientId}`, role: 'assistant', parts: [] },
    since: context.now(),
    joined: false,
    connection: 'live',
    stopping: false,
  };
}

/** A turn that runs already, begun by another tab or before a reload. */
export function joinedTurn(context: ChatContext, sessionId: string, turnId: string): Turn {
  const message: ChatMessage = { id: `answer:${turnId}`, role: 'assistant', parts: [] };
  return { sessionId, turnId, message, since: context.now(), joined: true, connection: 'live', stopping: false };
}

export function requestOf(context: ChatContext, item: QueuedMessage): TurnRequest {
  const { tier } = context.store.getState();
  return {
    clientId: item.clientId,
    text: item.text,
    page: context.page(),
    ...(item.attachments.length ? { attachments: item.attachments.map((file) => file.id) } : {}),
    ...(tier ? { tier } : {}),
    ...(item.replaces === undefined ? {} : { replaces: context.identities.agentId(item.replaces) }),
  };
}
