import { createTool } from '@mastra/core/tools';
import * as z from 'zod/mini';
import type { Turn } from '../turns/turn.ts';
import type { Redactor } from './redactor.ts';

/** A failure that the model is told in these words, so that it can do better. */
export class ToolError extends Error {}

type JsonSchema = Exclude<Parameters<typeof createTool>[0]['inputSchema'], undefined>;
export type AgentTool = ReturnType<typeof createTool>;

/** What a tool may give back, in characters of JSON: a model reads all of it, again at each step. */
const MAX_OUTPUT = 60_000;

type ToolDefinition<Schema extends z.ZodMiniType> = {
  name: string;
  description: string;
  input: Schema;
  execute: (input: z.output<Schema>, signal: AbortSignal) => Promise<unknown>;
};

/** Defines tools of which nothing that comes out holds a secret of the workspace, or is too long. */
export function toolFactory(redactor: Redactor, turn: Pick<Turn, 'signal' | 'track'>) {
  return <Schema extends z.ZodMiniType>({ name, description, input, execute }: ToolDefinition<Schema>): AgentTool =>
    createTool({
      id: name,
      description,
      inputSchema: z.toJSONSchema(input, { io: 'input' }) as JsonSchema,
      execute: async (given) => {
        turn.signal.throwIfAborted();
        const checked = input.safeParse(withoutNulls(given));
        if (!checked.success) throw new ToolError(`wrong input: ${checked.error.issues.map(describeIssue).join('; ')}`);
        try {
          return bounded(redactor.redact(await turn.track(execute(checked.data, turn.signal))));
        } catch (error) {
          // Only what is meant for the model goes there; the rest may name folders and hosts.
          if (error instanceof Error) throw new ToolError(redactor.redactText(error.message).slice(0, 4000));
          throw error;
        }
      },
    }) as AgentTool;
}

const describeIssue = ({ path, message }: { path: PropertyKey[]; message: string }) =>
  path.length === 0 ? message : `${path.join('.')}: ${message}`;

/** Where a provider wants every field, models give null for those that they leave out. */
function withoutNulls(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given;
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}

function bounded(output: unknown): unknown {
  const text = typeof output === 'string' ? output : JSON.stringify(output);
  if (text === undefined || text.length <= MAX_OUTPUT) return output;
  return { truncated: true, characters: text.length, beginning: text.slice(0, MAX_OUTPUT) };
}
