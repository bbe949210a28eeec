import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ApiFailure } from '../api/failure.ts';
import type { Attachment, ChatMessage, FileDiff, History, Info, Session, Tier } from '../api/shapes.ts';
import type { StreamConnection } from '../api/turn-stream.ts';
import type { WorkspaceView } from '../page/workspace-state.ts';
import type { QueuedMessage } from './queue.ts';

/** The turn that this tab follows. */
export type Turn = {
  /** Null while the session is being made. */
  sessionId: string | null;
  /** Null until the agent has accepted it. */
  turnId: string | null;
  /** The answer as far as it has come; its id stays the same to the end and beyond. */
  message: ChatMessage;
  /** When it began, by this browser's clock. Milliseconds. */
  since: number;
  /** Begun by another tab, or before a reload: only the agent knows since when it runs. */
  joined: boolean;
  connection: StreamConnection;
  stopping: boolean;
};

export type Upload = {
  key: string;
  name: string;
  bytes: number;
  /** 0 to 1. */
  progress: number;
  state: 'uploading' | 'ready' | 'refused';
  attachment: Attachment | null;
  /** Why it was refused. */
  reason: string | null;
};

/** A line above the composer that says what was done, with at most one thing to do about it. */
export type Flash = { key: number; text: string; tone: 'muted' | 'bad'; action?: { label: string; run: () => void } };

export type View =
  /** `compose`: to write, rather than back to what led away. */
  | { name: 'chat'; compose?: true }
  | { name: 'history'; hash: string | null; file?: string; line?: number }
  | { name: 'apps' };

export type ChatState = {
  info: Info | null;
  /** Null until the control plane has told. */
  admin: boolean | null;
  tier: Tier['id'] | null;
  sessions: Session[];
  /** Sessions that go for good when their undo has passed. */
  deleting: ReadonlySet<string>;
  sessionId: string | null;
  loading: boolean;
  /** The open session was there before: it is shown from its end. A new one grows from its first prompt. */
  fromEnd: boolean;
  messages: ChatMessage[];
  turn: Turn | null;
  draft: string;
  uploads: Upload[];
  queue: QueuedMessage[];
  queueHeld: boolean;
  /** Id of the message of the person that is being edited. */
  editing: string | null;
  history: History | null;
  /** Diffs of commits that were looked at, by hash. */
  diffs: Record<string, FileDiff[]>;
  /** An undo, redo, restore or import is under way. */
  changing: boolean;
  workspace: WorkspaceView;
  online: boolean;
  failure: ApiFailure | null;
  /** The agent works in another chat: it does one thing at a time. */
  elsewhere: { sessionId: string; title: string } | null;
  /** What is said in place of the composer once the budget is spent. */
  budgetSpent: string | null;
  /** What is said above the composer when the budget comes to its end. */
  budgetWarning: string | null;
  flash: Flash | null;
  view: View;
  open: boolean;
  unread: boolean;
  /** For screen readers: one sentence per turn or change of state. */
  announcement: string;
};

export type ChatStore = StoreApi<ChatState>;

const INITIAL: ChatState = {
  info: null,
  admin: null,
  tier: null,
  sessions: [],
  deleting: new Set(),
  sessionId: null,
  loading: false,
  fromEnd: false,
  messages: [],
  turn: null,
  draft: '',
  uploads: [],
  queue: [],
  queueHeld: false,
  editing: null,
  history: null,
  diffs: {},
  changing: false,
  workspace: 'ready',
  online: true,
  failure: null,
  elsewhere: null,
  budgetSpent: null,
  budgetWarning: null,
  flash: null,
  view: { name: 'chat' },
  open: false,
  unread: false,
  announcement: '',
};

export function createChatStore(initial: Partial<ChatState> = {}): ChatStore {
  return createStore<ChatState>(() => ({ ...INITIAL, ...initial }));
}
