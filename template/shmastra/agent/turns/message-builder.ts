import type { Chunk } from './chunks.ts';

/** The parts of a UI message of AI SDK 7 that a turn of ours can have. */
export type MessagePart =
  | { type: 'text'; text: string; state: 'done' }
  | { type: 'reasoning'; text: string; state: 'done' }
  | { type: 'file'; mediaType: string; filename?: string; url: string }
  | { type: 'step-start' }
  | ToolPart
  | { type: `data-${string}`; id?: string; data: unknown };

export type ToolPart = {
  type: `tool-${string}`;
  toolCallId: string;
  input: unknown;
} & ({ state: 'output-available'; output: unknown } | { state: 'output-error'; errorText: string });

export type Message = {
  id: string;
  role: 'user' | 'assistant';
  metadata?: Record<string, unknown>;
  parts: MessagePart[];
};

type Open = {
  text: Map<string, { part: { text: string } }>;
  tools: Map<string, { name: string; input: unknown; index: number }>;
};

/** The finished message of a turn that has streamed these chunks. A call without a result counts as failed. */
export function buildParts(chunks: Iterable<Chunk>): MessagePart[] {
  const parts: MessagePart[] = [];
  const open: Open = { text: new Map(), tools: new Map() };
  for (const chunk of chunks) apply(chunk, parts, open);
  return parts.filter((part) => (part.type !== 'text' && part.type !== 'reasoning') || part.text !== '');
}

function apply(chunk: Chunk, parts: MessagePart[], open: Open): void {
  switch (chunk.type) {
    case 'start-step':
      parts.push({ type: 'step-start' });
      break;
    case 'text-start':
    case 'reasoning-start': {
      const part = { type: chunk.type === 'text-start' ? 'text' : 'reasoning', text: '', state: 'done' } as const;
      const own = { ...part };
      parts.push(own);
      open.text.set(chunk.id, { part: own });
      break;
    }
    case 'text-delta':
    case 'reasoning-delta': {
      const found = open.text.get(chunk.id);
      if (found !== undefined) found.part.text += chunk.delta;
      break;
    }
    case 'tool-input-start':
      openTool(chunk.toolCallId, chunk.toolName, undefined, parts, open);
      break;
    case 'tool-input-available':
    case 'tool-input-error':
      openTool(chunk.toolCallId, chunk.toolName, chunk.input, parts, open);
      if (chunk.type === 'tool-input-error') closeTool(chunk.toolCallId, { errorText: chunk.errorText }, parts, open);
      break;
    case 'tool-output-available':
      closeTool(chunk.toolCallId, { output: chunk.output }, parts, open);
      break;
    case 'tool-output-error':
      closeTool(chunk.toolCallId, { errorText: chunk.errorText }, parts, open);
      break;
    default:
      if (chunk.type.startsWith('data-') && 'data' in chunk) putData(chunk as DataChunk, parts);
  }
}

type DataChunk = { type: `data-${string}`; id?: string; data: unknown };

/** A part with the id of an earlier one takes its place. */
function putData({ type, id, data }: DataChunk, parts: MessagePart[]): void {
  const part = { type, ...(id === undefined ? {} : { id }), data };
  const known =
    id === undefined ? -1 : parts.findIndex((other) => other.type === type && 'id' in other && other.id === id);
  if (known === -1) parts.push(part);
  else parts[known] = part;
}

function openTool(id: string, name: string, input: unknown, parts: MessagePart[], open: Open): void {
  const known = open.tools.get(id);
  if (known === undefined) {
    open.tools.set(id, { name, input, index: parts.length });
    parts.push(toolPart(id, name, input, { errorText: 'The turn ended before this was done.' }));
  } else {
    known.input = input;
    parts[known.index] = toolPart(id, name, input, { errorText: 'The turn ended before this was done.' });
  }
}

type Outcome = { output: unknown } | { errorText: string };

function closeTool(id: string, outcome: Outcome, parts: MessagePart[], open: Open): void {
  const known = open.tools.get(id);
  if (known !== undefined) parts[known.index] = toolPart(id, known.name, known.input, outcome);
}

function toolPart(toolCallId: string, name: string, input: unknown, outcome: Outcome): ToolPart {
  const head = { type: `tool-${name}`, toolCallId, input: input ?? {} } as const;
  if ('output' in outcome) return { ...head, state: 'output-available', output: outcome.output };
  return { ...head, state: 'output-error', errorText: outcome.errorText };
}
