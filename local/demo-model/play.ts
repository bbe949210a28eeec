import type { ToolResult } from './turn.ts';

/**
 * A scene as a generator. Nothing of it is kept between two turns of the model: the conversation is its log, and each
 * turn plays it again from its beginning with the results that came since. So it must do the same for the same input.
 */
export type Play<Result = void> = Generator<Cue, Result, readonly ToolResult[]>;

export type Cue =
  | { say: string }
  /** Made in parallel. A tool that is not offered is not called: its result says so and is marked as failed. */
  | { uses: readonly Use[] };
export type Use = { tool: string; arguments: Record<string, unknown> };

export function* say(text: string): Play {
  yield { say: text };
}

export function* together(...uses: readonly Use[]): Play<readonly ToolResult[]> {
  return yield { uses };
}

export function* use(tool: string, given: Record<string, unknown> = {}): Play<ToolResult> {
  const [result] = yield* together({ tool, arguments: given });
  return result ?? notOffered(tool);
}

export function notOffered(tool: string): ToolResult {
  return { callId: '', name: tool, content: `The tool ${tool} is not offered.`, failed: true };
}
