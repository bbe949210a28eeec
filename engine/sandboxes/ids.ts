import { randomInt } from 'node:crypto';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** 20 of a-z and 0-9, as E2B's: about 100 bits, so that an id cannot be guessed. */
export function newSandboxId(): string {
  let id = 'i';
  while (id.length < 20) id += LETTERS[randomInt(LETTERS.length)];
  return id;
}
