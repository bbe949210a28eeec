import { joined } from '../joined.ts';
import type { Edit } from './facts.ts';

/** Bytes with an edit made in them. @param offset of the first of them in the body */
export function applied({ start, end, text }: Edit, bytes: Uint8Array, offset: number): Uint8Array {
  const middle = new TextEncoder().encode(text);
  const before = bytes.subarray(0, start - offset);
  const after = bytes.subarray(end - offset);
  return joined([before, middle, after], before.length + middle.length + after.length);
}
