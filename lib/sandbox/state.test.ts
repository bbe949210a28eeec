import { describe, expect, it } from 'vitest';
import { canBecome, type SandboxStatus, STATUSES } from './state.ts';

/** The table of the design, written out once more so that neither changes alone. */
const allowed: [SandboxStatus, SandboxStatus][] = [
  ['provisioning', 'ready'],
  ['provisioning', 'broken'],
  ['ready', 'paused'],
  ['ready', 'healing'],
  ['ready', 'provisioning'],
  ['paused', 'ready'],
  ['paused', 'healing'],
  ['paused', 'provisioning'],
  ['healing', 'ready'],
  ['healing', 'broken'],
  ['healing', 'provisioning'],
  ['broken', 'ready'],
  ['broken', 'healing'],
  ['broken', 'paused'],
  ['broken', 'provisioning'],
];

describe('the state machine of a sandbox', () => {
  for (const from of STATUSES) {
    for (const to of STATUSES) {
      const expected = allowed.some(([a, b]) => a === from && b === to);
      it(`${expected ? 'allows' : 'refuses'} ${from} -> ${to}`, () => expect(canBecome(from, to)).toBe(expected));
    }
  }
});
