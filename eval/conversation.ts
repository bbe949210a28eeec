import { z } from 'zod';

// What the chat API streams of a turn; docs/chat-api.md describes it.

const chunkSchema = z.looseObject({ type: z.string() });
export type Chunk = z.infer<typeof chunkSchema>;
export const parseChunk = (line: string): Chunk => chunkSchema.parse(JSON.parse(line));

export const turnData = z.object({
  state: z.enum(['running', 'asking', 'done', 'stopped', 'failed']),
  steps: z.number(),
  costMicros: z.number().nullable(),
  model: z.string().nullish(),
  demo: z.boolean(),
});
export type TurnData = z.infer<typeof turnData>;
export const questionData = z.object({ id: z.string(), options: z.array(z.string()), state: z.string() });
export const envData = z.object({
  id: z.string(),
  variables: z.array(z.object({ name: z.string() })),
  state: z.string(),
});
export const checkData = z.object({ ok: z.boolean() });
export const commitData = z.object({ hash: z.string(), kind: z.string(), live: z.unknown() });

/** Data parts replace an earlier one of the same id: the last of each stays. */
function latest(chunks: readonly Chunk[]): Chunk[] {
  const parts = new Map<string, Chunk>();
  for (const chunk of chunks) {
    if (chunk.type.startsWith('data-')) parts.set(`${chunk.type} ${String(chunk.id ?? parts.size)}`, chunk);
  }
  return [...parts.values()];
}

/** The data of all parts of a kind, in order. */
export function partsOf<Schema extends z.ZodType>(chunks: readonly Chunk[], name: string, schema: Schema) {
  return chunks.flatMap((chunk) => (chunk.type === `data-${name}` ? [schema.parse(chunk.data)] : []));
}

/** All that was streamed in the turns of one task. */
export class Conversation {
  readonly chunks: Chunk[] = [];
  /** How the data parts of each turn ended up. */
  readonly #parts: Chunk[] = [];
  /** What `GET /sessions/:id` gives at the end: what a reload would show, as text. */
  stored = '';
  steps = 0;
  costMicros: number | null = null;
  /** Undefined as long as no turn has streamed anything. */
  outcome: TurnData['state'] | undefined;
  demo = false;

  add(chunks: readonly Chunk[]): void {
    this.chunks.push(...chunks);
    this.#parts.push(...latest(chunks));
    const last = partsOf(chunks, 'turn', turnData).at(-1);
    if (!last) return;
    this.steps += last.steps;
    if (last.costMicros !== null) this.costMicros = (this.costMicros ?? 0) + last.costMicros;
    this.outcome = last.state;
    this.demo = last.demo;
  }

  get checks(): boolean[] {
    return partsOf(this.#parts, 'check', checkData).map(({ ok }) => ok);
  }

  get commits(): { hash: string; kind: string; live?: unknown }[] {
    return partsOf(this.#parts, 'commit', commitData);
  }

  /** The text of the answers, the calls of tools with what came of them, and notices: a line each. */
  get log(): string {
    const shown = this.chunks.flatMap((chunk) => {
      if (chunk.type === 'text-delta') return String(chunk.delta);
      if (['text-end', 'start'].includes(chunk.type)) return '\n';
      if (!/^(tool-(input-available|output-\w+)|data-notice|error)$/.test(chunk.type)) return [];
      return `${JSON.stringify(chunk).slice(0, 600)}\n`;
    });
    return shown.join('');
  }

  /** All that went over the wire and all that is kept, to look for what must not be in it. */
  get transcript(): string {
    return `${JSON.stringify(this.chunks)}\n${joined(this.chunks)}\n${this.stored}`;
  }
}

/** Deltas put together: a secret may be cut in two by the stream. */
function joined(chunks: readonly Chunk[]): string {
  return chunks
    .map(({ delta, inputTextDelta }) => [delta, inputTextDelta].find((text) => typeof text === 'string') ?? '')
    .join('');
}
