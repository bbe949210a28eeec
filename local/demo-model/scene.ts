import type { Scene } from './script.ts';
import type { Message, Prompt, ToolResult } from './turn.ts';

/** What scripts look at of a long message, in characters. */
const QUESTION_LIMIT = 8000;

/** The last question of a conversation and what happened since. */
export function readScene(prompt: Pick<Prompt, 'messages' | 'tools' | 'toolChoice' | 'instructions'>): Scene {
  const asked = prompt.messages.findLastIndex(isQuestion);
  const last = prompt.messages[asked];
  const results: ToolResult[] = [];
  for (const message of prompt.messages.slice(asked + 1)) {
    if (message.role === 'tool') results.push(...message.results);
  }
  return {
    question: last?.role === 'user' ? last.text.trim().slice(0, QUESTION_LIMIT) : '',
    instructions: prompt.instructions,
    tools: prompt.toolChoice === 'none' ? [] : prompt.tools,
    results,
    earlier: prompt.messages.slice(0, Math.max(0, asked)),
  };
}

/** Agents' frameworks put reminders into the conversation in the person's name. */
const isQuestion = (message: Message): boolean =>
  message.role === 'user' && !message.text.trimStart().startsWith('<system-reminder');
