import type { JsonSchema } from './json-schema.ts';

/** What the demo model knows of a call, whatever protocol it came by. */
export type Prompt = {
  model: string;
  /** System and developer messages. */
  instructions: string;
  messages: readonly Message[];
  tools: readonly Tool[];
  toolChoice: ToolChoice;
  /** The answer has to be JSON of this schema. Null: plain text. */
  outputSchema: JsonSchema | null;
  /** Limit of the answer in tokens. */
  maxTokens: number | null;
};

export type Tool = { name: string; description: string; parameters: JsonSchema };
export type ToolChoice = 'auto' | 'none' | 'required' | { name: string };

export type Message =
  | { role: 'user'; text: string }
  | { role: 'assistant'; text: string; calls: readonly PastCall[] }
  | { role: 'tool'; results: readonly ToolResult[] };

export type PastCall = { id: string; name: string; arguments: string };
/** `name` is null where the call itself is not in the conversation. */
export type ToolResult = { callId: string; name: string | null; content: string; failed: boolean };

/** What the planner decided to answer. */
export type Turn = {
  parts: readonly TurnPart[];
  finish: 'stop' | 'tool_calls' | 'length';
  usage: Usage;
};
export type TurnPart =
  | { type: 'text'; text: string }
  | { type: 'tool_call'; name: string; arguments: Record<string, unknown> };
/** In tokens, estimated. */
export type Usage = { input: number; output: number };
