import type { Scene } from './script.ts';
import type { Message, Prompt, ToolResult } from './turn.ts';

/** What scripts look at of a long message, in characters. */
const QUESTION_LIMIT = 8000;

/** How the coding agent of a workspace begins what was attached to a message. It is no part of what the person asks. */
const ATTACHED = /(?:^|\n)(?=\[Attached (?:text|document|image): )/;

/** The last question of a conversation and what happened since. */
export function readScene(prompt: Pick<Prompt, 'messages' | 'tools' | 'toolChoice' | 'instructions'>): Scene {
  const asked = prompt.messages.findLastIndex(isQuestion);
  const last = prompt.messages[asked];
  const results: ToolResult[] = [];
  for (const message of prompt.messages.slice(asked + 1)) {
    if (message.role === 'tool') results.push(...message.results);
  }
  const [question = '', ...attached] = last?.role === 'user' ? last.text.split(ATTACHED) : [];
  return {
    question: question.trim().slice(0, QUESTION_LIMIT),
    attached: attached.join('\n'),
    instructions: prompt.instructions,
    tools: prompt.toolChoice === 'none' ? [] : prompt.tools,
    results,
    earlier: prompt.messages.slice(0, Math.max(0, asked)),
  };
}

/** Agents' frameworks put reminders into the conversation in the person's name. */
const isQuestion = (message: Message): boolean =>
  message.role === 'user' && !message.text.trimStart().startsWith('<system-reminder');
