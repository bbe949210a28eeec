import type { Context } from '../context.ts';

export type AccessChanges = {
  /** Calls back when something about the user's access may have changed: signed out, disabled, a new role. */
  watch(userId: string, onChange: () => void): () => void;
  close(): void;
};

/** By NOTIFY, so that what was opened before ends with the access it was opened with, and not at the next look. */
export function createAccessChanges(context: Pick<Context, 'database'>): AccessChanges {
  const watchers = new Map<string, Set<() => void>>();
  const tell = (userId: string): void => {
    // After the caches that listen too have dropped what they knew.
    setImmediate(() => {
      for (const onChange of watchers.get(userId) ?? []) onChange();
    });
  };
  // Messages may have been missed while the connection was away.
  const tellAll = (): void => [...watchers.keys()].forEach(tell);
  const unlisten = ['session_changed', 'user_changed'].map((channel) =>
    context.database.listen(channel, tell, tellAll),
  );
  return {
    watch: (userId, onChange) => {
      const all = watchers.get(userId) ?? new Set();
      watchers.set(userId, all.add(onChange));
      return () => {
        all.delete(onChange);
        if (all.size === 0 && watchers.get(userId) === all) watchers.delete(userId);
      };
    },
    close: () => unlisten.forEach((stop) => stop()),
  };
}
