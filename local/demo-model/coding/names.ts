import { words } from '../words.ts';

/** One thing of a project by its names: `roll-dice`, `rollDice`, `Roll dice`. */
export type Names = { id: string; variable: string; title: string };

const LENGTH = 40;
/** Words which are names of nothing. */
const EMPTY = new Set(
  'a agent agents an and answers are asks assistant be can does for from gives has helps i in is it its me my of on one or people says say small talk talks tells that the their then them they to us web which who with you your'.split(
    ' ',
  ),
);
const TELLING = 2;
/** Of JavaScript's words those that a person may well name an agent after. */
const RESERVED = new Set(
  'break case catch class const continue default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with yield let static await async eval arguments interface package private protected public agents tools workflows'.split(
    ' ',
  ),
);

/** @param given any text of a person; what cannot be part of a name is left out */
export function namesOf(given: string, fallback: string): Names {
  const plain = words(given.normalize('NFKD').replace(/\p{M}/gu, '')).map((word) => word.replace(/[^a-z0-9]/g, ''));
  let id = plain.filter(Boolean).join('-').slice(0, LENGTH).replace(/-$/, '');
  if (id === '') id = fallback;
  if (/^\d/.test(id)) id = `${fallback}-${id}`;
  const camel = id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const spaced = id.replaceAll('-', ' ');
  return {
    id,
    variable: RESERVED.has(camel) ? `${camel}${fallback.charAt(0).toUpperCase()}${fallback.slice(1)}` : camel,
    title: spaced.charAt(0).toUpperCase() + spaced.slice(1),
  };
}

/** "says hello and answers in French" -> hello, "tells jokes about cats" -> jokes about */
export function namesFromPurpose(purpose: string, fallback: string): Names {
  const telling = words(purpose.split(/,| and /)[0] ?? '').filter((word) => !EMPTY.has(word));
  return namesOf(telling.slice(0, TELLING).join(' '), fallback);
}

/** What comes after "called" or "named". */
export function givenName(question: string): string | undefined {
  const found =
    /\b(?:called|named)\s+(?:"([^"\n]{1,60})"|“([^”\n]{1,60})”|`([^`\n]{1,60})`|'([^'\n]{1,60})'|((?:[\p{L}\p{N}_-]+)(?: [\p{Lu}\p{N}][\p{L}\p{N}_-]*){0,3}))/u.exec(
      question,
    );
  return found?.slice(1).find((name) => name !== undefined);
}

/** What comes after "that", "which" or "to" behind a noun: to the end of the sentence. */
export function purposeOf(question: string, noun: string): string | undefined {
  const found = new RegExp(`\\b${noun}\\b[^.\\n]*?\\b(?:that|which|who|to|for)\\s+([^\\n]{1,300})`, 'i').exec(question);
  const sentence = found?.[1]?.split(/[.!?](?:\s|$)/)[0]?.trim();
  return sentence === '' ? undefined : sentence;
}
