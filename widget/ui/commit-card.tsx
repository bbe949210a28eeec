import type { CommitData } from '../api/parts.ts';
import { countOf } from '../chat/tools.ts';
import { shortDuration } from '../chat/time.ts';
import { openInStudio, studioAddress } from '../page/navigate.ts';
import { appOfPath } from '../page/open-app.ts';
import { Button } from './button.tsx';
import { useChat, useChatState } from './chat-context.tsx';
import { Counts } from './diff-card.tsx';
import { Icon } from './icons.tsx';

/** What a turn came to: a version that is live, can be opened, and can be taken back. */
export function CommitCard({ commit }: { commit: CommitData }) {
  const chat = useChat();
  const history = useChatState((state) => state.history);
  const changing = useChatState((state) => state.changing);
  const busy = useChatState((state) => state.turn !== null);
  const { open } = commit;
  const app = open && appOfPath(open.path);
  const opens = open !== null && (app !== null || studioAddress(open.path, location.origin) !== null);
  const newest = history?.undo?.hash === commit.hash;
  const redoable = history?.redo?.hash === commit.hash;
  const undone = redoable || history?.undone.includes(commit.hash) === true;
  const state = undone ? 'undone' : commit.live ? 'live' : 'not-live';
  return (
    <article className="card commit-card" aria-label="Version" data-state={state}>
      <header className="card-head">
        <Icon name={undone ? 'undo' : commit.live ? 'disc' : 'warning'} />
        <strong className="commit-message">{commit.message}</strong>
      </header>
      <p className="facts">
        <span>
          {undone ? 'Undone' : commit.live ? `Live in ${shortDuration(commit.live.ms)}` : withoutGoingLive(commit)}
        </span>
        <span>{countOf(commit.files, 'file')}</span>
        <Counts added={commit.added} removed={commit.removed} />
      </p>
      <div className="actions">
        {open && opens && !undone && (
          <Button
            look="accent"
            icon="external"
            title={open.label}
            onClick={() => (app ? void chat.openApp(app) : openInStudio(open.path))}
          >
            Open
          </Button>
        )}
        <Button icon="diff" onClick={() => chat.setView({ name: 'history', hash: commit.hash })}>
          Diff
        </Button>
        {newest && commit.undoable && (
          <Button icon="undo" disabled={changing || busy} onClick={() => void chat.undo()}>
            Undo
          </Button>
        )}
        {redoable && (
          <Button icon="redo" disabled={changing || busy} onClick={() => void chat.redo()}>
            Redo
          </Button>
        )}
      </div>
    </article>
  );
}

/** Edits that were left when a turn ended are only committed; nobody has told yet whether they work. */
function withoutGoingLive({ kind }: CommitData): string {
  return kind === 'edits' ? 'Committed, not checked' : 'Committed, did not go live';
}
