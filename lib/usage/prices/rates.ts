import type { ModelPrice } from './schema.ts';

/** A table of rates for one call: integer micro-dollars per million tokens, or per piece. */
export type Rates = {
  input: number;
  cachedInput: number;
  cacheWrite: number;
  cacheWriteLong: number;
  output: number;
  reasoning: number;
  audioInput: number;
  audioOutput: number;
  imageInput: number;
  imageOutput: number;
};

export type Price = Rates & {
  /** The rates of a call whose input is longer than `longAbove` tokens. */
  long: Rates | null;
  longAbove: number;
  perImage: number;
  perAudioMinute: number;
  perSearch: number;
  contextTokens: number | null;
  maxOutputTokens: number | null;
  bytesPerToken: number | null;
};

const micros = (dollars: number): number => Math.round(dollars * 1_000_000);

/** Fills in what a price leaves out, always with the dearer neighbour: a kind of token is never free by omission. */
export function completePrice(given: ModelPrice, perSearch = 0): Price {
  const rates = (base: Partial<ModelPrice> & Pick<ModelPrice, 'input' | 'output'>): Rates => {
    const input = micros(base.input);
    const output = micros(base.output);
    const cacheWrite = base.cacheWrite === undefined ? input : micros(base.cacheWrite);
    return {
      input,
      cachedInput: base.cachedInput === undefined ? input : micros(base.cachedInput),
      cacheWrite,
      cacheWriteLong: base.cacheWriteLong === undefined ? Math.max(cacheWrite, input * 2) : micros(base.cacheWriteLong),
      output,
      reasoning: given.reasoning === undefined ? output : micros(given.reasoning),
      audioInput: given.audioInput === undefined ? input : micros(given.audioInput),
      audioOutput: given.audioOutput === undefined ? output : micros(given.audioOutput),
      imageInput: given.imageInput === undefined ? input : micros(given.imageInput),
      imageOutput: given.imageOutput === undefined ? output : micros(given.imageOutput),
    };
  };
  return {
    ...rates(given),
    long: given.long ? rates(given.long) : null,
    longAbove: given.long?.aboveTokens ?? Infinity,
    perImage: micros(given.perImage ?? 0),
    perAudioMinute: micros(given.perAudioMinute ?? 0),
    perSearch: micros(given.perSearch ?? perSearch),
    contextTokens: given.contextTokens ?? null,
    maxOutputTokens: given.maxOutputTokens ?? null,
    bytesPerToken: given.bytesPerToken ?? null,
  };
}

/** The dearest of each kind: what a model costs about which nothing is known. */
export function dearest(prices: readonly Price[]): Price {
  const highest = (of: (price: Price) => number) => Math.max(0, ...prices.map(of));
  const rates = (of: (price: Price) => Rates): Rates => ({
    input: highest((price) => of(price).input),
    cachedInput: highest((price) => of(price).cachedInput),
    cacheWrite: highest((price) => of(price).cacheWrite),
    cacheWriteLong: highest((price) => of(price).cacheWriteLong),
    output: highest((price) => of(price).output),
    reasoning: highest((price) => of(price).reasoning),
    audioInput: highest((price) => of(price).audioInput),
    audioOutput: highest((price) => of(price).audioOutput),
    imageInput: highest((price) => of(price).imageInput),
    imageOutput: highest((price) => of(price).imageOutput),
  });
  return {
    ...rates((price) => price),
    long: null,
    longAbove: Infinity,
    perImage: highest((price) => price.perImage),
    perAudioMinute: highest((price) => price.perAudioMinute),
    perSearch: highest((price) => price.perSearch),
    contextTokens: null,
    maxOutputTokens: null,
    bytesPerToken: null,
  };
}
