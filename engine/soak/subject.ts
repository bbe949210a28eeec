import type { Sandbox } from 'e2b';

/** What must be true of one sandbox, whatever happens to the engine. */
export class Subject {
  readonly label: string;
  /** Also in the sandbox's metadata: how a create is found whose answer was lost. */
  readonly key: string;
  readonly onTimeout: 'pause' | 'kill';
  /** Undefined until the engine has told its id. */
  sandbox: Sandbox | undefined;
  state: 'running' | 'paused' = 'running';
  /** Name and SHA-256 of each file whose write and fsync were acknowledged. */
  files: Map<string, string>;
  /** Files of which an interrupted call may have left anything. */
  readonly doubtful = new Set<string>();
  /** What its server said that it drew when it started; null when a start may have happened since. */
  boot: string | null = null;
  /** Unix ms at which that was first seen. */
  bootSeenAt = 0;
  /** An interrupted call may or may not have had its effect. */
  doubt: { state: boolean; gone: boolean } | null = null;
  /** A worker has it. */
  busy = false;
  over = false;
  readonly history: string[] = [];

  /** What it is made from, if not from the template. */
  readonly source: Snapshot | undefined;

  constructor(label: string, key: string, onTimeout: 'pause' | 'kill', source?: Snapshot) {
    this.label = label;
    this.key = key;
    this.onTimeout = onTimeout;
    this.source = source;
    this.files = new Map(source?.files);
  }

  get id(): string {
    return this.sandbox?.sandboxId ?? '(no id)';
  }

  note(text: string): void {
    this.history.push(`${new Date().toISOString().slice(11, 23)} ${text}`);
    if (this.history.length > MAX_HISTORY) this.history.splice(1, this.history.length - MAX_HISTORY);
  }

  /** Its processes may have been started anew. */
  mayHaveStarted(): void {
    this.boot = null;
  }
}

const MAX_HISTORY = 300;

/** A snapshot and what sandboxes made from it must hold. */
export type Snapshot = { id: string; files: Map<string, string>; from: string };
