import type { JsonSchema } from './json-schema.ts';
import { words } from './words.ts';

const TEXT_LIMIT = 2000;
/** Some of the patterns below take time that grows with the square of the length. */
const SEARCHED = 500;

/** Where the value of an argument may stand in the question, by the argument's name. The first that finds one wins. */
const BY_NAME: readonly (readonly [name: RegExp, find: (question: string) => string | undefined])[] = [
  [/^(time ?zone|tz|zone)$/, timeZoneIn],
  [/\b(city|location|place|town|country|region|address|destination)\b/, placeIn],
  [/\b(url|uri|link|website)\b/, (question) => /https?:\/\/[^\s"'<>]+/.exec(question)?.[0]],
  [/\b(e ?mail|recipient)\b/, (question) => /[^\s@"'<>]+@[^\s@"'<>]+\.\w+/.exec(question)?.[0]],
  [/\b(date|day)\b/, (question) => /\b\d{4}-\d{2}-\d{2}\b/.exec(question)?.[0]],
  [/\b(path|file|filename)\b/, (question) => /(?:^|\s)((?:\.{0,2}\/)?[\w./-]+\.\w{1,8})\b/.exec(question)?.[1]],
  [/./, quotedIn],
];

/** Arguments that take the question itself, or what it quotes. */
const ANY_TEXT = /\b(query|question|text|message|prompt|input|content|search|topic)\b/;

/** A value for an argument that the question itself holds; undefined when it holds none. */
export function hintFor(name: string, schema: JsonSchema, question: string): unknown {
  if (name === '' || question === '') return undefined;
  if (schema.enum) {
    const asked = question.toLowerCase();
    return schema.enum.find((choice) => typeof choice === 'string' && asked.includes(choice.toLowerCase()));
  }
  const types = [schema.type ?? []].flat().map((type) => type.toLowerCase());
  if (types.includes('number') || types.includes('integer')) return numberIn(question, schema);
  if (!types.includes('string')) return undefined;
  const readable = words(name).join(' ');
  if (ANY_TEXT.test(readable)) return (quotedIn(question) ?? question).slice(0, TEXT_LIMIT);
  for (const [pattern, find] of BY_NAME) {
    const found = pattern.test(readable) ? find(question.slice(0, SEARCHED)) : undefined;
    if (found !== undefined && found !== '') return found;
  }
  return undefined;
}

/** "in Berlin", "for New York City?", "Lisbon's weather" */
export function placeIn(question: string): string | undefined {
  const name = "\\p{Lu}[\\p{L}.'’-]*(?: \\p{Lu}[\\p{L}.'’-]*){0,3}";
  const found = new RegExp(`\\b(?:in|for|at|of|near|from|to) (${name})`, 'u').exec(question)?.[1];
  return found?.replace(/(?:['’]s)?[.'’-]*$/u, '');
}

/** An IANA name in the question, or that of a city which gave a zone its name. */
function timeZoneIn(question: string): string | undefined {
  const named = /\b(?:UTC|GMT|[A-Z][a-z]+\/[A-Z][A-Za-z_/]+)\b/.exec(question)?.[0];
  if (named !== undefined) return named;
  const asked = `_${words(question).join('_')}_`;
  return Intl.supportedValuesOf('timeZone').find((zone) => {
    const city = zone.split('/').at(-1)?.toLowerCase() ?? '';
    return asked.includes(`_${city}_`);
  });
}

function quotedIn(question: string): string | undefined {
  return /"([^"]+)"|“([^”]+)”|`([^`]+)`/.exec(question)?.slice(1).find(Boolean);
}

function numberIn(question: string, schema: JsonSchema): number | undefined {
  const found = /-?\d+(?:\.\d+)?/.exec(question)?.[0];
  if (found === undefined) return undefined;
  const value = Number(found);
  const whole = [schema.type ?? []].flat().some((type) => type.toLowerCase() === 'integer');
  const fits = value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity);
  return fits && (!whole || Number.isSafeInteger(value)) ? value : undefined;
}
