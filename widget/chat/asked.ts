import { envSchema, questionSchema, toolPartSchema, turnDataSchema, type ToolPart } from '../api/parts.ts';
import type { MessagePart } from '../api/shapes.ts';
import { field, isCutOff, toolName, toolState } from './tools.ts';

/** What a card and the call that it stands for have in common: the question, or the names of the values. */
function subjectOf(data: unknown): string | null {
  const question = field(data, 'question');
  if (typeof question === 'string') return question;
  const variables = field(data, 'variables');
  return Array.isArray(variables) ? variables.map((variable) => String(field(variable, 'name'))).join() : null;
}

const CARDS: Record<string, string> = { ask_user: 'data-question', ask_env_vars: 'data-env' };

function isCardOf(card: MessagePart, call: ToolPart): boolean {
  const subject = subjectOf(call.input);
  return card.type === CARDS[toolName(call)] && subject !== null && subject === subjectOf(card['data']);
}

/** Whether a card shows what the call asks for, and what came of it. */
export const hasCard = (list: readonly MessagePart[], call: ToolPart): boolean =>
  list.some((part) => isCardOf(part, call));

/**
 * Why what was asked has no answer, when it was not the person who skipped it: the agent's state is the same for both, but
 * the call of a skipped one came to its end. Null for all others.
 */
export function whyUnanswered(list: readonly MessagePart[], card: MessagePart): string | null {
  const data = card.type === 'data-env' ? envSchema.safeParse(card['data']) : questionSchema.safeParse(card['data']);
  if (!data.success || data.data.state !== 'skipped') return null;
  // The last: one that failed may have been made again.
  const call = list
    .map((part) => toolPartSchema.safeParse(part))
    .findLast((read) => read.success && isCardOf(card, read.data))?.data;
  if (!call || !(isCutOff(call) || toolState(call) === 'failed')) return null;
  const turn = turnDataSchema.safeParse(list.findLast((part) => part.type === 'data-turn')?.['data']);
  if (turn.success && turn.data.state === 'stopped') return 'the turn was stopped';
  return turn.success && turn.data.state === 'failed' ? 'the agent was interrupted' : 'the turn ended';
}
