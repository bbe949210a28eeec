import { announce, type ChatContext } from './context.ts';
import { commitOf, noticeOf, turnOf } from './message.ts';
import type { Turn } from './state.ts';

/** Turns shorter than this end without a notification. Milliseconds. */
const LONG_TURN_MS = 10_000;

/** What came of a turn, in a sentence. */
export function outcomeOf({ message }: Pick<Turn, 'message'>): string {
  const state = turnOf(message)?.state;
  if (state === 'stopped') return 'Stopped.';
  if (state === 'failed') return noticeOf(message)?.message ?? 'The turn failed.';
  const commit = commitOf(message);
  return commit?.live ? `Done. Live: ${commit.message}` : 'Done.';
}

/** Says once what came of a turn: to screen readers, and on the desktop when nobody looks. */
export function tellOutcome(context: ChatContext, turn: Turn): void {
  const text = outcomeOf(turn);
  announce(context, text);
  const notice = noticeOf(turn.message);
  if (notice?.kind === 'budget' && turnOf(turn.message)?.state === 'failed') {
    context.store.setState({ budgetSpent: [notice.message, notice.next].filter(Boolean).join(' ') });
  }
  if (!context.hidden() || context.now() - turn.since <= LONG_TURN_MS) return;
  const title = context.store.getState().sessions.find((session) => session.id === turn.sessionId)?.title;
  context.notify(title || 'Your workspace', text);
}
