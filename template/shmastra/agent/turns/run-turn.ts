import { describeProviderError } from '../models/provider-error.ts';
import type { Limits } from '../settings.ts';
import type { NoticeData } from './chunks.ts';
import { streamAgent, type AgentWork, type StreamEnd } from './stream-agent.ts';
import type { Outcome, Turn } from './turn.ts';

export type TurnWork = AgentWork & {
  /** Keeps what is on disk as a commit, and puts it on the air. */
  settle: (outcome: Outcome) => Promise<void>;
};

/** Runs a turn to its end, however it ends. What was done is kept in all cases. */
export async function runTurn(turn: Turn, prepare: () => Promise<TurnWork>): Promise<Outcome> {
  turn.emitChunk({ type: 'start', messageId: turn.record.messageId });
  turn.update({});
  let work: TurnWork | undefined;
  let end: StreamEnd;
  try {
    work = await prepare();
    end = await streamAgent(work, turn);
  } catch (error) {
    end = { kind: 'failed', error };
  }
  const notice = noticeOf(turn, end, work?.limits);
  if (notice !== undefined) turn.notice(notice);
  const outcome: Outcome = turn.stopped
    ? 'stopped'
    : notice === undefined || notice.kind === 'limit'
      ? 'done'
      : 'failed';
  try {
    await work?.settle(outcome);
  } catch (error) {
    console.error('what a turn has done could not be kept', error);
    turn.notice({
      kind: 'error',
      message: 'What was done could not be committed. The files are as the agent left them.',
      next: 'Look into the history, and try again.',
    });
  }
  turn.update({ state: outcome, verb: '' });
  turn.emitChunk({ type: 'finish', finishReason: outcome === 'failed' ? 'error' : 'stop' });
  turn.flush();
  return outcome;
}

function noticeOf(turn: Turn, end: StreamEnd, limits: Limits | undefined): NoticeData | undefined {
  if (turn.stopped) return { kind: 'stopped', message: 'You stopped the answer. What was done until then is kept.' };
  if (turn.limit !== undefined) return turn.limit;
  if (end.kind === 'failed') return describeProviderError(end.error);
  if (end.kind === 'finished') return undefined;
  const next = 'Say “go on” to continue.';
  const ended: Record<typeof end.kind, NoticeData> = {
    steps: { kind: 'limit', message: `The turn was ended after ${limits?.steps} steps. What was done is kept.`, next },
    length: {
      kind: 'limit',
      message: 'The model’s answer was cut off since it grew too long. What was done is kept.',
      next,
    },
    filtered: {
      kind: 'provider',
      message: 'The model provider held the rest of the answer back. What was done is kept.',
    },
  };
  return ended[end.kind];
}
