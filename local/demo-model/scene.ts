import type { Scene } from './script.ts';
import type { Prompt, ToolResult } from './turn.ts';

/** What scripts look at of a long message, in characters. */
const QUESTION_LIMIT = 8000;

/** The last question of a conversation and what happened since. */
export function readScene(prompt: Pick<Prompt, 'messages' | 'tools' | 'toolChoice'>): Scene {
  const asked = prompt.messages.findLastIndex((message) => message.role === 'user');
  const last = prompt.messages[asked];
  const results: ToolResult[] = [];
  for (const message of prompt.messages.slice(asked + 1)) {
    if (message.role === 'tool') results.push(...message.results);
  }
  return {
    question: last?.role === 'user' ? last.text.trim().slice(0, QUESTION_LIMIT) : '',
    tools: prompt.toolChoice === 'none' ? [] : prompt.tools,
    results,
  };
}
