import * as z from 'zod/mini';
import type { UIMessageChunk } from 'ai';

// The language that a turn streams in: chunks of AI SDK 7, with the data parts of docs/chat-api.md.

export type SourceError = { message: string; file?: string; line?: number; column?: number };

export type TierId = 'fast' | 'general' | 'best' | 'developer';
export type TurnState = 'running' | 'asking' | 'done' | 'stopped' | 'failed';

export type TurnData = {
  turnId: string;
  tier: TierId;
  model: string;
  demo: boolean;
  startedAt: string;
  steps: number;
  costMicros: number | null;
  /** What the agent is doing, in a word or three. */
  verb: string;
  state: TurnState;
};

export type PlanData = { items: { id: string; text: string; state: 'todo' | 'doing' | 'done' }[] };

export type CheckStage = {
  stage: 'bundle' | 'types' | 'import';
  state: 'running' | 'ok' | 'failed' | 'skipped';
  ms: number;
  errors: SourceError[];
};
export type CheckData = { ok: boolean; stages: CheckStage[] };

export type FileDiff = {
  file: string;
  added: number;
  removed: number;
  patch: string;
  truncated: boolean;
  binary: boolean;
};

export type CommitKind = 'change' | 'undo' | 'redo' | 'restore' | 'import' | 'edits';
export type Commit = {
  hash: string;
  message: string;
  at: string;
  files: number;
  added: number;
  removed: number;
  kind: CommitKind;
  by: 'agent' | 'you';
  sessionId?: string;
};
export type CommitData = Commit & {
  live: { ms: number; revision: number } | null;
  open: { label: string; path: string } | null;
  undoable: boolean;
};

export type QuestionData = {
  id: string;
  question: string;
  options: string[];
  multiple: boolean;
  state: 'open' | 'answered' | 'skipped';
  answer?: string[];
};

export type EnvData = {
  id: string;
  variables: { name: string; why: string; secret: boolean }[];
  state: 'open' | 'saved' | 'skipped';
  saved?: number;
};

export type NoticeData = {
  kind: 'provider' | 'rate_limit' | 'budget' | 'limit' | 'stopped' | 'resumed' | 'error';
  message: string;
  next?: string;
  retryAt?: string;
};

export type DataParts = {
  turn: TurnData;
  plan: PlanData;
  diff: FileDiff;
  check: CheckData;
  commit: CommitData;
  question: QuestionData;
  env: EnvData;
  notice: NoticeData;
};

export type Chunk = UIMessageChunk<unknown, DataParts>;

const chunk = z.looseObject({ type: z.string() });

/** A chunk out of a log of ours: written by this program, of this version or an earlier one. */
export function parseChunk(value: unknown): Chunk | undefined {
  return chunk.safeParse(value).success ? (value as Chunk) : undefined;
}
