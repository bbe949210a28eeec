import type { Conversation } from './conversation.ts';
import type { Workspace } from './workspace.ts';

/** Something that a coding agent should be able to do. What counts is what runs afterwards, never what it says. */
export type Task = {
  name: string;
  /** Whether the demo model has a scene for it; the others are not applicable with it. */
  demo: boolean;
  /** What is in the project beforehand; a broken project must be reported as such before the agent is asked. */
  setUp?: (workspace: Workspace) => Promise<void>;
  turns: readonly Turn[];
  /** What the person answers when asked. Without it, questions and requests for variables are skipped. */
  answers?: Answers;
  checks: readonly Check[];
  /** A wrong result on purpose, and the check that has to notice it. It proves that the check can fail. */
  sabotage?: { how: (workspace: Workspace) => Promise<void>; caughtBy: string };
};

export type Turn =
  | {
      say: string;
      attach?: Attachment;
      /** The person stops the answer once it streams. */
      stop?: true;
    }
  /** A click in the history. */
  | { click: 'undo' | 'redo' };

export type Attachment = { name: string; content: string };
export type Answers = { question?: string; variables?: Record<string, string> };

export type Check = { name: string; run: (result: Result) => Promise<void> };
export type Result = { workspace: Workspace; conversation: Conversation };

/** @throws when it does not hold; the message says what was found instead */
export function check(name: string, run: Check['run']): Check {
  return { name, run };
}

export function expectThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise.slice(0, 500));
}
