import type { Agent } from '@mastra/core/agent';
import type { MastraDBMessage } from '@mastra/core/agent/message-list';
import { toAISdkStream } from '@mastra/ai-sdk';
import type { Prices } from '../models/prices.ts';
import { withinContext } from '../sessions/within-context.ts';
import type { Limits } from '../settings.ts';
import type { Chunk, NoticeData } from './chunks.ts';
import { TurnCost } from './turn-cost.ts';
import type { Turn } from './turn.ts';
import { verbOf } from './verbs.ts';

export type AgentWork = {
  agent: Agent;
  messages: MastraDBMessage[];
  limits: Limits;
  prices: Prices;
};

export type StreamEnd =
  | { kind: 'finished' }
  /** The model wanted to go on; or its answer was cut off, by its length or by a filter of the provider. */
  | { kind: 'steps' | 'length' | 'filtered' }
  | { kind: 'failed'; error: unknown };

/** Lets the agent work on the messages and streams what it does into the turn. */
export async function streamAgent({ agent, messages, limits, prices }: AgentWork, turn: Turn): Promise<StreamEnd> {
  const cost = new TurnCost(prices);
  let failure: { error: unknown } | undefined;
  const fail = (error: unknown) => (failure ??= { error });
  const stream = await agent.stream(messages, {
    maxSteps: limits.steps,
    prepareStep: ({ messages: sofar }) => {
      const shorter = withinContext(sofar);
      return shorter === undefined ? undefined : { messages: shorter };
    },
    abortSignal: turn.signal,
    // In the order in which the model wants it: what is written has to be there when it is checked.
    toolCallConcurrency: 1,
    onError: ({ error }) => void fail(error),
    onStepFinish: (step) => {
      cost.add(step);
      turn.update({ steps: turn.data.steps + 1, costMicros: cost.total });
      // An answer that is finished is not called cut off.
      if (cost.spent > limits.costMicros && step.finishReason === 'tool-calls') {
        turn.endAt(tooDear(cost.spent, limits.costMicros));
      }
    },
  });
  let finishReason: string | undefined;
  let characters = 0;
  const chunks = toAISdkStream(stream, { from: 'agent', version: 'v7', sendReasoning: true, onError: errorText });
  for await (const chunk of chunks as AsyncIterable<Chunk>) {
    if (chunk.type === 'finish') finishReason = chunk.finishReason;
    else if (chunk.type === 'error') fail(new Error(chunk.errorText));
    else if (isOurs(chunk)) turn.emitChunk(chunk);
    showVerb(chunk, turn);
    if (chunk.type === 'text-delta') characters += chunk.delta.length;
    if (characters > limits.textCharacters) turn.endAt(tooLong);
  }
  if (failure !== undefined) return { kind: 'failed', ...failure };
  return { kind: (finishReason !== undefined && CUT_OFF[finishReason]) || 'finished' };
}

const CUT_OFF: Record<string, 'steps' | 'length' | 'filtered'> = {
  'tool-calls': 'steps',
  length: 'length',
  'content-filter': 'filtered',
};

const errorText = (error: unknown) => (error instanceof Error ? error.message : String(error)).slice(0, 2000);

const tooLong = {
  kind: 'limit',
  message: 'The turn was ended because its answer grew too long. What was done is kept.',
  next: 'Say “go on” to continue.',
} as const;

function tooDear(spent: number, limit: number): NoticeData {
  const [cost, most] = [spent, limit].map((micros) => `$${(micros / 1_000_000).toFixed(2)}`);
  return {
    kind: 'limit',
    message: `The turn was ended: its model calls have cost ${cost}, and a turn may cost ${most}. What was done is kept.`,
    next: 'Say “go on” to continue.',
  };
}

/** The turn begins and ends its message itself, and Mastra's own data parts are for its own tools. */
function isOurs({ type }: Chunk): boolean {
  return type !== 'start' && type !== 'abort' && type !== 'message-metadata' && !type.startsWith('data-');
}

function showVerb(chunk: Chunk, turn: Turn): void {
  if (turn.data.state !== 'running') return;
  const verb =
    chunk.type === 'tool-input-start' ? verbOf(chunk.toolName) : chunk.type === 'text-start' ? 'Writing' : undefined;
  if (verb !== undefined && verb !== turn.data.verb) turn.update({ verb });
}
