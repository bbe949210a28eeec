import * as z from 'zod/mini';
import type { Memory } from '../page/storage.ts';

/** Key of the draft that belongs to no session yet. */
export const NEW_SESSION = 'new';
const MAX_DRAFTS = 50;

const draftsSchema = z.array(z.object({ session: z.string(), text: z.string() }));

/** Texts that were typed and not sent, by session, in this browser. The oldest go first. */
export function createDrafts(memory: Memory) {
  const read = () => memory.read('drafts', draftsSchema) ?? [];
  return {
    get: (session: string | null): string =>
      read().find((draft) => draft.session === (session ?? NEW_SESSION))?.text ?? '',
    set(session: string | null, text: string): void {
      const key = session ?? NEW_SESSION;
      const others = read().filter((draft) => draft.session !== key);
      const drafts = text.trim() === '' ? others : [...others, { session: key, text }].slice(-MAX_DRAFTS);
      memory.write('drafts', drafts.length === 0 ? null : drafts);
    },
  };
}

export type Drafts = ReturnType<typeof createDrafts>;
