/** Shorter values are words that occur anywhere. */
const MIN_LENGTH = 6;
/** Values of these are no secrets, and useful to see. */
const PLAIN = /(_URL|_MODEL|_DIR|_PATH|_HOST|_PORT|_REGION|_EPOCH|SANDBOX_ID|OFFLINE|DISABLED)$/;
/** A password before the host of an address. */
const WITH_PASSWORD = /:\/\/[^/\s]*@/;
const DEPTH = 40;

type Variables = [name: string, value: string][];

/** Takes the values of secrets out of what a model or a log is about to see. */
export class Redactor {
  readonly #variables: () => Variables;

  /** @param variables all that may hold a secret, as they are now; a name may come with several values */
  constructor(variables: () => Variables) {
    this.#variables = variables;
  }

  redactText(text: string): string {
    let redacted = text;
    for (const [name, value] of this.#secrets()) redacted = redacted.replaceAll(value, `[value of ${name}]`);
    return redacted;
  }

  /** The same for all texts in a value. */
  redact(value: unknown): unknown {
    const secrets = this.#secrets();
    if (secrets.length === 0) return value;
    return mapTexts(value, (text) => this.redactText(text), DEPTH);
  }

  #secrets(): [name: string, value: string][] {
    return this.#variables()
      .filter(([name, value]) => value.length >= MIN_LENGTH && (!PLAIN.test(name) || WITH_PASSWORD.test(value)))
      .toSorted(([, first], [, second]) => second.length - first.length);
  }
}

function mapTexts(value: unknown, map: (text: string) => string, depth: number): unknown {
  if (typeof value === 'string') return map(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return undefined;
  if (Array.isArray(value)) return value.map((inner) => mapTexts(inner, map, depth - 1));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, map, depth - 1)]));
}
