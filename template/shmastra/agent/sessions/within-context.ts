import type { MastraDBMessage } from '@mastra/core/agent/message-list';

type Part = MastraDBMessage['content']['parts'][number];

/** About 100,000 tokens: what a turn may send with each step, beside its instructions. */
const MAX_CHARACTERS = 400_000;
/** What is left after cutting, so that it isn't done again at each step, which would undo the provider's caching. */
const KEPT_CHARACTERS = 250_000;
const NOTE = '(cut to save room; ask again if needed)';
const SMALL = 500;

/** The messages of a turn with its oldest results of tools left out once it has grown too long; undefined when it has not. */
export function withinContext(messages: MastraDBMessage[]): MastraDBMessage[] | undefined {
  let characters = messages.reduce((sum, { content }) => sum + sizeOf(content.parts), 0);
  if (characters <= MAX_CHARACTERS) return undefined;
  return messages.map((message) => {
    const parts = message.content.parts.map((part) => {
      if (characters <= KEPT_CHARACTERS) return part;
      const shorter = withoutResult(part);
      characters -= sizeOf(part) - sizeOf(shorter);
      return shorter;
    });
    return { ...message, content: { ...message.content, parts } };
  });
}

function withoutResult(part: Part): Part {
  if (part.type !== 'tool-invocation' || part.toolInvocation.state !== 'result') return part;
  if (sizeOf(part.toolInvocation.result) <= SMALL) return part;
  return { ...part, toolInvocation: { ...part.toolInvocation, result: NOTE } };
}

const sizeOf = (value: unknown): number => (JSON.stringify(value) ?? '').length;
