import { parseWorkspaceStatus, type WorkspaceStatus } from './workspace-status.ts';

export type StatusEvents = {
  onStatus(status: WorkspaceStatus): void;
  /** False while the stream is lost and the page polls. */
  onConnection(connected: boolean): void;
  /** The session ended, or the member was disabled meanwhile. */
  onSignedOut(): void;
};

/** The part of an EventSource that is used here. */
export type Stream = {
  addEventListener(type: 'open' | 'error' | 'message', listener: (event: { data?: unknown }) => void): void;
  /** 2 is closed for good: the server refused the stream. */
  readonly readyState: number;
  close(): void;
};

export type PollAnswer = { kind: 'status'; text: string } | { kind: 'signed-out' } | { kind: 'lost' };

export type StatusPorts = {
  openStream(): Stream;
  poll(signal: AbortSignal): Promise<PollAnswer>;
  /** Calls back after a while, returns how to cancel. */
  after(milliseconds: number, callback: () => void): () => void;
};

const CLOSED = 2;
const POLL_MILLISECONDS = 2_000;
const MAX_BACK_OFF_MILLISECONDS = 15_000;

/**
 * Follows the status of one's workspace: by the stream, and by polling while the stream is lost.
 * Returns how to stop.
 */
export function followStatus(events: StatusEvents, ports: StatusPorts): () => void {
  const abort = new AbortController();
  let stream: Stream | null = null;
  let polling = false;
  let refusals = 0;
  let cancelPoll = () => {};
  let cancelReopen = () => {};

  const take = (text: unknown) => {
    const status = typeof text === 'string' ? parseWorkspaceStatus(text) : null;
    if (status) events.onStatus(status);
  };

  const open = () => {
    const current = ports.openStream();
    stream = current;
    current.addEventListener('open', () => {
      refusals = 0;
      polling = false;
      cancelPoll();
      events.onConnection(true);
    });
    current.addEventListener('message', (event) => take(event.data));
    current.addEventListener('error', () => {
      events.onConnection(false);
      startPolling();
      // A stream that broke off is opened again by the browser; one that was refused is not.
      if (current.readyState !== CLOSED) return;
      current.close();
      const wait = Math.min(MAX_BACK_OFF_MILLISECONDS, 1_000 * 2 ** refusals);
      refusals += 1;
      cancelReopen = ports.after(wait, open);
    });
  };

  const startPolling = () => {
    if (polling || abort.signal.aborted) return;
    polling = true;
    void poll();
  };

  const poll = async () => {
    if (!polling || abort.signal.aborted) return;
    const answer = await ports.poll(abort.signal);
    if (!polling || abort.signal.aborted) return;
    if (answer.kind === 'signed-out') {
      stop();
      events.onSignedOut();
      return;
    }
    if (answer.kind === 'status') take(answer.text);
    cancelPoll = ports.after(POLL_MILLISECONDS, () => void poll());
  };

  const stop = () => {
    abort.abort();
    polling = false;
    stream?.close();
    cancelPoll();
    cancelReopen();
  };

  open();
  return stop;
}
