import { toFailure } from '../api/failure.ts';
import type { Change, Commit } from '../api/shapes.ts';
import { announce, showFlash, type ChatContext } from './context.ts';
import { present, versionTitle } from './version.ts';

const MAX_COMMITS = 1000;
const MAX_DIFFS = 50;

/** Versions of the project: looked at, undone, redone, restored. Each change is a new version. */
export function createHistory(context: ChatContext) {
  const { store, client } = context;
  const get = store.getState;

  async function load(): Promise<void> {
    try {
      store.setState({ history: await client.history() });
    } catch (error) {
      if (get().view.name === 'history') store.setState({ failure: toFailure(error) });
    }
  }

  async function loadMore(): Promise<boolean> {
    const { history } = get();
    const last = history?.commits.at(-1);
    if (!history || !last || history.commits.length >= MAX_COMMITS) return false;
    const older = await client.history(last.hash);
    const known = new Set(history.commits.map((commit) => commit.hash));
    const added = older.commits.filter((commit) => !known.has(commit.hash));
    store.setState({ history: { ...older, commits: [...history.commits, ...added] } });
    return added.length > 0;
  }

  /** @param hash of a version, or `changes` for what is in no version yet */
  async function loadDiff(hash: string): Promise<void> {
    if (hash !== 'changes' && get().diffs[hash]) return;
    const { files } = await client.commitDiff(hash);
    store.setState((state) => {
      const known = Object.entries(state.diffs).slice(-MAX_DIFFS);
      return { diffs: { ...Object.fromEntries(known), [hash]: files } };
    });
  }

  async function change(act: () => Promise<Change>, describe: (change: Change) => string): Promise<Change | null> {
    if (get().changing) return null;
    store.setState({ changing: true });
    try {
      const made = await act();
      await load();
      context.refreshPage();
      const text = [describe(made), ...(made.notes ?? []), notLive(made)].filter(Boolean).join(' ');
      announce(context, text);
      showFlash(context, { text, tone: made.error ? 'bad' : 'muted' });
      return made;
    } catch (error) {
      const failure = toFailure(error);
      const text = [failure.message, failure.next].filter(Boolean).join(' ');
      announce(context, text);
      showFlash(context, { text, tone: 'bad' });
      return null;
    } finally {
      store.setState({ changing: false });
    }
  }

  const now = (): string => present(get().history);
  return {
    loadHistory: load,
    loadMore,
    loadDiff,
    undo: () => change(client.undo, () => `Undone: back to ${now()}.`),
    redo: () => change(client.redo, () => `Redone: ${now()} is live again.`),
    restore: (commit: Commit) =>
      change(
        () => client.restore(commit.hash),
        () => `Restored '${versionTitle(commit)}' as a new version. Keys and data stayed.`,
      ),
    importProject: (format: 'zip' | 'bundle', file: Blob) =>
      change(
        () => client.importProject(format, file),
        ({ commit: made }) => `Imported ${made.files} files as a new version. Undo takes it back.`,
      ),
    async exportProject(format: 'zip' | 'bundle'): Promise<void> {
      try {
        const { blob, name } = await client.exportProject(format);
        download(blob, name);
        showFlash(context, { text: `Exported ${name}. It holds no keys.`, tone: 'muted' });
      } catch (error) {
        showFlash(context, { text: `Not exported: ${toFailure(error).message}`, tone: 'bad' });
      }
    },
  };
}

/** Why a version that was made does not serve. */
function notLive({ error }: Change): string {
  if (!error) return '';
  const place = error.file ? `${error.file.split('/').at(-1)}${error.line ? `:${error.line}` : ''} ` : '';
  return `It is not live: ${place}${error.message} The last good version still serves.`;
}

function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
