import type { ChatMessage } from '../api/shapes.ts';

/**
 * A message is shown before the agent has given it an id, and keeps the id it was first shown with: the page would else
 * take it for another one, and lose its place.
 */
export function createIdentities() {
  const shownBy = new Map<string, string>();
  const agentBy = new Map<string, string>();
  return {
    same(agentId: string, shownId: string): void {
      if (agentId === shownId) return;
      shownBy.set(agentId, shownId);
      agentBy.set(shownId, agentId);
    },
    /** The id by which the agent knows a message. */
    agentId: (shownId: string): string => agentBy.get(shownId) ?? shownId,
    shown: (messages: readonly ChatMessage[]): ChatMessage[] =>
      messages.map((message) => {
        const id = shownBy.get(message.id);
        return id === undefined ? message : { ...message, id };
      }),
  };
}

export type Identities = ReturnType<typeof createIdentities>;
