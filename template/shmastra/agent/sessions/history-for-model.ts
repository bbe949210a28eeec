import type { MastraDBMessage } from '@mastra/core/agent/message-list';

type Part = MastraDBMessage['content']['parts'][number];

/** What earlier turns may take of a model's context, in characters: about a third of the smallest one. */
const MAX_CHARACTERS = 160_000;
/** Of each result of a tool in an earlier turn: files are read again rather than remembered. */
const MAX_RESULT = 1500;
const MAX_INPUT = 3000;

/**
 * The messages as the model gets them again: without what is only shown, with long inputs and results of tools cut, and
 * of a long session only the newest. Nothing of one provider is in it, so that another can go on.
 */
export function historyForModel(messages: MastraDBMessage[]): MastraDBMessage[] {
  const kept: MastraDBMessage[] = [];
  let characters = 0;
  for (const message of messages.toReversed()) {
    const parts = message.content.parts.flatMap(partForModel);
    if (parts.length === 0) continue;
    characters += JSON.stringify(parts).length;
    // A conversation has to begin with a question.
    if (characters > MAX_CHARACTERS && kept.length > 0 && kept[0]?.role === 'user') break;
    kept.unshift({ ...message, content: { format: 2, parts } });
  }
  return kept;
}

function partForModel(part: Part): Part[] {
  if (part.type === 'text' || part.type === 'file' || part.type === 'step-start') return [part];
  if (part.type !== 'tool-invocation') return [];
  const { toolCallId, toolName, args, state, result, errorText } = part.toolInvocation;
  const output = state === 'result' ? shorten(result, MAX_RESULT) : { error: errorText ?? 'not finished' };
  const invocation = { state: 'result', toolCallId, toolName, args: shortenTexts(args), result: output } as const;
  return [{ type: 'tool-invocation', toolInvocation: invocation }];
}

function shorten(value: unknown, limit: number): unknown {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length <= limit ? value : `${text.slice(0, limit)}… (cut; ask again if needed)`;
}

/** The arguments stay an object with their names, as the protocols want it. */
function shortenTexts(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shorten(inner, MAX_INPUT)]));
}
