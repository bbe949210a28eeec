import { useEffect, useState } from 'react';
import { toFailure } from '../api/failure.ts';
import type { Commit, History } from '../api/shapes.ts';
import { byDay, isSample, versionFacts, versionTitle } from '../chat/version.ts';
import { Button } from './button.tsx';
import { useChat, useChatState, useNow } from './chat-context.tsx';
import { Counts, FileChange } from './diff-card.tsx';
import { Flash } from './flash.tsx';
import { Icon, type IconName } from './icons.tsx';

/** All versions by day: looked at, restored, undone, redone. */
export function HistoryView() {
  const chat = useChat();
  const history = useChatState((state) => state.history);
  const view = useChatState((state) => state.view);
  const busy = useChatState((state) => state.changing || state.turn !== null);
  const [more, setMore] = useState(true);
  const now = useNow(true, 60_000);
  useEffect(() => void chat.loadHistory(), [chat]);
  const chosen = view.name === 'history' ? view : null;
  if (!history) return <p className="view-body empty-line">Loading the history</p>;
  return (
    <div className="view">
      <div className="history-bar">
        <Button
          icon="undo"
          disabled={busy || !history.undo}
          title={history.undo?.message}
          onClick={() => void chat.undo()}
        >
          Undo
        </Button>
        <Button
          icon="redo"
          disabled={busy || !history.redo}
          title={history.redo?.message}
          onClick={() => void chat.redo()}
        >
          Redo
        </Button>
        <span className="meta">Restore adds a version. Keys and data stay.</span>
      </div>
      <section className="view-body" tabIndex={0} aria-label="Versions">
        <Working history={history} open={chosen?.hash === 'changes'} file={chosen?.file} line={chosen?.line} />
        {history.commits.length === 0 && <p className="empty-line">Versions appear here as you work.</p>}
        {byDay(history.commits, new Date(now)).map((day) => (
          <section key={day.name} className="day">
            <h3>{day.name}</h3>
            <ul>
              {day.commits.map((commit) => (
                <Version
                  key={commit.hash}
                  commit={commit}
                  live={commit.hash === history.commits[0]?.hash}
                  initiallyOpen={chosen?.hash === commit.hash}
                />
              ))}
            </ul>
          </section>
        ))}
        {more && history.commits.length >= 50 && (
          <Button look="quiet" onClick={() => void chat.loadMore().then(setMore, () => setMore(true))}>
            Show older
          </Button>
        )}
      </section>
      <Flash />
    </div>
  );
}

/** What is in no version yet. */
function Working(props: { history: History; open: boolean; file?: string | undefined; line?: number | undefined }) {
  if (props.history.state === 'merging') {
    return (
      <div className="notice" data-tone="warn" role="note">
        <Icon name="warning" />
        <p>A merge is under way in the project. Finish or abort it before undoing or restoring.</p>
      </div>
    );
  }
  if (props.history.state === 'clean' && !props.open) return null;
  return (
    <section className="day">
      <h3>Not committed</h3>
      <Diffs hash="changes" file={props.file} line={props.line} />
    </section>
  );
}

const ICONS: Record<Commit['kind'], IconName> = {
  change: 'spark',
  undo: 'undo',
  redo: 'redo',
  restore: 'history',
  import: 'upload',
  edits: 'edit',
};

function Version({ commit, live, initiallyOpen }: { commit: Commit; live: boolean; initiallyOpen: boolean }) {
  const chat = useChat();
  const busy = useChatState((state) => state.changing || state.turn !== null);
  const [open, setOpen] = useState(initiallyOpen);
  return (
    <li
      className="version"
      data-open={open || undefined}
      ref={(element) => {
        if (initiallyOpen) element?.scrollIntoView({ block: 'nearest' });
      }}
    >
      <button type="button" className="version-row" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={isSample(commit) ? 'folder' : ICONS[commit.kind]} />
        <span className="version-text">
          <span className="version-message">{versionTitle(commit)}</span>
          <span className="meta">{versionFacts(commit)}</span>
        </span>
        {live ? (
          <span className="live">
            <Icon name="disc" /> Present
          </span>
        ) : (
          <Counts added={commit.added} removed={commit.removed} />
        )}
      </button>
      {open && (
        <div className="version-body">
          <Diffs hash={commit.hash} />
          {!live && (
            <Button icon="history" disabled={busy} onClick={() => void chat.restore(commit)}>
              Restore
            </Button>
          )}
        </div>
      )}
    </li>
  );
}

function Diffs({ hash, file, line }: { hash: string; file?: string | undefined; line?: number | undefined }) {
  const chat = useChat();
  const files = useChatState((state) => state.diffs[hash]);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    chat.loadDiff(hash).catch((failure: unknown) => setError(toFailure(failure).message));
  }, [chat, hash]);
  if (error && !files) return <p className="field-error">{error}</p>;
  if (!files) return <p className="empty-line">Loading the diff</p>;
  if (files.length === 0) return <p className="empty-line">No file changed.</p>;
  return (
    <div className="card diff-card">
      {files.map((change) => {
        const meant = file !== undefined && change.file.endsWith(file);
        return (
          <FileChange
            key={change.file}
            file={change}
            shown={meant || files.length <= 2}
            line={meant ? line : undefined}
          />
        );
      })}
    </div>
  );
}
