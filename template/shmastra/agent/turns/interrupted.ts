import * as z from 'zod/mini';
import type { Chunk, EnvData, NoticeData, QuestionData, TurnData } from './chunks.ts';
import { buildParts } from './message-builder.ts';
import type { StoredTurn } from './turn-files.ts';
import { Turn } from './turn.ts';

const turnData = z.object({
  tier: z.enum(['fast', 'general', 'best', 'developer']),
  model: z.string(),
  demo: z.boolean(),
  steps: z.number(),
  costMicros: z._default(z.nullable(z.number()), null),
});

const UNKNOWN = { tier: 'general', model: '', demo: false, steps: 0, costMicros: null } as const;

const INTERRUPTED: NoticeData = {
  kind: 'error',
  message: 'The agent was interrupted. What was done until then is kept.',
  next: 'Say “go on” to continue.',
};

/** Brings a turn to its end that an earlier process has left: open questions are closed, and it says what happened. */
export async function endInterrupted(
  { record, log }: StoredTurn,
  keep: (turn: Turn) => Promise<void>,
  save: (turn: Turn) => Promise<void>,
): Promise<void> {
  const last = log.chunks.findLast(({ type }) => type === 'data-turn');
  const known = turnData.safeParse(last !== undefined && 'data' in last ? last.data : undefined);
  const { steps, costMicros, ...chosen } = known.success ? known.data : UNKNOWN;
  const turn = new Turn(record, log, chosen, 60_000);
  for (const chunk of closedRequests(log.chunks)) turn.emitChunk(chunk);
  turn.put('notice', INTERRUPTED, 'notice-interrupted');
  await keep(turn);
  const ended: Partial<TurnData> = { steps, costMicros, state: 'failed', verb: '' };
  turn.update(ended);
  turn.emitChunk({ type: 'finish', finishReason: 'error' });
  turn.flush();
  await save(turn);
  await turn.end();
}

/** Nobody waits for the answers any more. */
function closedRequests(chunks: Chunk[]): Chunk[] {
  return buildParts(chunks).flatMap((part): Chunk[] => {
    if (!('data' in part) || part.id === undefined || !isOpen(part.data)) return [];
    if (part.type === 'data-question') {
      return [{ type: 'data-question', id: part.id, data: { ...(part.data as QuestionData), state: 'skipped' } }];
    }
    if (part.type === 'data-env') {
      return [{ type: 'data-env', id: part.id, data: { ...(part.data as EnvData), state: 'skipped' } }];
    }
    return [];
  });
}

const isOpen = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && 'state' in data && data.state === 'open';
