import type { Prompt, TurnPart } from './turn.ts';

/** English text has about four characters a token, for all of the providers that this stands in for. */
export const CHARACTERS_PER_TOKEN = 4;
/** What the frame of a message (its role, its ends) costs on top, in tokens. */
const PER_MESSAGE = 4;

/** @returns tokens */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

/** The same for counting, streaming and plain calls, so that their figures agree. */
export function promptTokens(prompt: Pick<Prompt, 'instructions' | 'messages' | 'tools'>): number {
  let tokens = prompt.instructions === '' ? 0 : estimateTokens(prompt.instructions) + PER_MESSAGE;
  for (const message of prompt.messages) {
    tokens += PER_MESSAGE;
    if (message.role === 'tool') {
      for (const result of message.results) tokens += estimateTokens(result.content);
      continue;
    }
    tokens += estimateTokens(message.text);
    if (message.role === 'assistant') {
      for (const call of message.calls) tokens += estimateTokens(call.name + call.arguments);
    }
  }
  for (const tool of prompt.tools) tokens += estimateTokens(JSON.stringify(tool));
  return tokens;
}

export function turnTokens(parts: readonly TurnPart[]): number {
  let tokens = 0;
  for (const part of parts) {
    tokens += estimateTokens(part.type === 'text' ? part.text : part.name + JSON.stringify(part.arguments));
  }
  return tokens;
}
