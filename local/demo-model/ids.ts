import { randomBytes } from 'node:crypto';

/** Makes the ids of answers, messages and tool calls: the protocol's prefix and something unique. */
export type IdSource = (prefix: string) => string;

export const randomIds: IdSource = (prefix) => `${prefix}${randomBytes(16).toString('hex')}`;

/** Ids that are the same in each run. */
export function countedIds(): IdSource {
  let count = 0;
  return (prefix) => `${prefix}${String(++count).padStart(8, '0')}`;
}
