import type { Play } from './play.ts';
import type { Message, Tool, ToolResult } from './turn.ts';

/**
 * A scene that the demo model can play: which question starts it, and what happens then. A turn of the model ends at a
 * call; the next turn, which brings the tools' results, goes on behind it. So a plan may have any number of calls.
 */
export type Script = {
  name: string;
  /** Whether the question (the last message of the person) is for this script. */
  when: RegExp | ((scene: Scene) => boolean);
} & (
  | { steps: readonly Step[] }
  /** For scenes that go one way or another by what tools return. */
  | { play: (scene: Scene) => Play }
);

export type Step =
  | { say: string | ((scene: Scene) => string) }
  /** Several calls are made in parallel. The script is passed over when one of the tools is not offered. */
  | { call: ToolPlan | readonly ToolPlan[] };

export type ToolPlan = {
  /** Matched with single words of the tool's name, then of its description; or a choice of its own. */
  tool: RegExp | ((scene: Scene) => Tool | undefined);
  /** What its schema and the question do not tell. */
  arguments?: (scene: Scene) => Record<string, unknown>;
};

/** What a script sees of the conversation. */
export type Scene = {
  question: string;
  /** What came along with the question: the names, ids and contents of files. */
  attached: string;
  /** What the agent's author told it. */
  instructions: string;
  tools: readonly Tool[];
  /** Of the tools called since the question, in order. */
  results: readonly ToolResult[];
  /** What was said and done before the question. */
  earlier: readonly Message[];
};
