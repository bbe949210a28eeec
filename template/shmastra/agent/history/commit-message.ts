import * as z from 'zod/mini';
import type { CommitAuthor, CommitKind, CommitRequest } from './types.ts';

const MAX_CHARACTERS = 2000;

const trailers = z.object({
  kind: z._default(z.enum(['change', 'undo', 'redo', 'restore', 'import', 'edits']), 'edits'),
  by: z._default(z.enum(['agent', 'you']), 'you'),
  session: z.optional(z.string().check(z.regex(/^[\w-]{1,100}$/))),
  undoes: z.optional(z.string().check(z.regex(/^[0-9a-f]{40,64}$/))),
  redoes: z.optional(z.string().check(z.regex(/^[0-9a-f]{40,64}$/))),
});

export type ParsedMessage = {
  message: string;
  kind: CommitKind;
  by: CommitAuthor;
  sessionId?: string;
  /** The commit that an undo takes back. */
  undoes?: string;
  /** The undo that a redo takes back. */
  redoes?: string;
};

export type MessageParts = CommitRequest & { undoes?: string; redoes?: string };

/** The text of a commit: the message, and in a paragraph of its own what only this program needs. */
export function formatMessage({ message, kind, by, sessionId, undoes, redoes }: MessageParts): string {
  const lines = [
    ['Kind', kind],
    ['By', by],
    ['Session', sessionId],
    ['Undoes', undoes],
    ['Redoes', redoes],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`Shmastra-${name}: ${value}`]));
  return `${clean(message)}\n\n${lines.join('\n')}\n`;
}

/** Reads what {@link formatMessage} has written; a commit that somebody made by hand counts as edits of theirs. */
export function parseMessage(text: string): ParsedMessage {
  const paragraphs = text.trimEnd().split(/\n\n+/);
  const last = paragraphs.at(-1) ?? '';
  const lines = last.split('\n').map((line) => /^Shmastra-(Kind|By|Session|Undoes|Redoes): (.*)$/.exec(line));
  const own = paragraphs.length > 1 && lines.every((line) => line !== null);
  const values = own ? Object.fromEntries(lines.map((line) => [line?.[1]?.toLowerCase(), line?.[2]])) : {};
  const parsed = trailers.safeParse(values);
  if (!own || !parsed.success) return { message: clean(text), kind: 'edits', by: 'you' };
  const { kind, by, session, undoes, redoes } = parsed.data;
  return {
    message: clean(paragraphs.slice(0, -1).join('\n\n')),
    kind,
    by,
    ...(session === undefined ? {} : { sessionId: session }),
    ...(undoes === undefined ? {} : { undoes }),
    ...(redoes === undefined ? {} : { redoes }),
  };
}

/** The first line of a message, for a line about it. */
export const subjectOf = (message: string) => message.split('\n', 1)[0] ?? '';

/** Printable text of a bounded length, and never empty: git refuses no message, but people should see one. */
function clean(message: string): string {
  const text = message
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, ' ')
    .trim()
    .slice(0, MAX_CHARACTERS)
    .trim();
  return text === '' ? 'Changes' : text;
}
