import { latin1 } from '../json/bytes.ts';
import { record } from './usage.ts';

/** An event longer than this is not the one that is looked for. Bytes. */
const EVENT_LIMIT = 64 * 1024;
const NOTHING: Uint8Array = new Uint8Array(0);

export type StreamFilter = {
  /** What of the stream can be passed on now. */
  write(chunk: Uint8Array): Uint8Array;
  /** What was held back, when the stream has ended or broken off. */
  rest(): Uint8Array;
};

/**
 * Takes the chunk with the usage out of a stream of chat completions whose client did not ask for it: the one without
 * choices. All other bytes stay as they are. An event is held back until it is complete, which it nearly always is.
 */
export function createUsageChunkFilter(): StreamFilter {
  let held = NOTHING;
  /** Within an event that is too long to be the one. */
  let inLong = false;
  return {
    write: (chunk) => {
      const bytes = held.length === 0 ? chunk : joined([held, chunk]);
      held = NOTHING;
      let start = 0;
      let from = 0;
      const kept: Uint8Array[] = [];
      let removed = false;
      for (;;) {
        const end = eventEnd(bytes, from);
        if (end === -1) break;
        if (!inLong && isUsageChunk(bytes, from, end)) {
          if (from > start) kept.push(bytes.subarray(start, from));
          start = end;
          removed = true;
        }
        inLong = false;
        from = end;
      }
      if (inLong) return removed ? joined([...kept, bytes.subarray(start)]) : bytes;
      if (bytes.length - from > EVENT_LIMIT) {
        inLong = true;
        return removed ? joined([...kept, bytes.subarray(start)]) : bytes;
      }
      held = bytes.subarray(from);
      const passed = bytes.subarray(start, from);
      return removed ? joined([...kept, passed]) : passed;
    },
    rest: () => {
      const rest = held;
      held = NOTHING;
      return rest;
    },
  };
}

/** Index behind the empty line that ends the event, or -1. */
function eventEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(10, from); at !== -1; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at + 1] === 10) return at + 2;
    if (bytes[at + 1] === 13 && bytes[at + 2] === 10) return at + 3;
  }
  return -1;
}

const USAGE = '"usage"';

function isUsageChunk(bytes: Uint8Array, from: number, end: number): boolean {
  if (end - from > EVENT_LIMIT || !hasUsageObject(bytes, from, end)) return false;
  const data = latin1(bytes, from, end)
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5))
    .join('\n');
  try {
    const chunk = record(JSON.parse(data));
    return chunk !== null && record(chunk['usage']) !== null && isEmpty(chunk['choices']);
  } catch {
    return false;
  }
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Whether `"usage"` is followed by an object; in all other chunks it is null. */
function hasUsageObject(bytes: Uint8Array, from: number, end: number): boolean {
  outer: for (let at = bytes.indexOf(117, from); at !== -1 && at < end; at = bytes.indexOf(117, at + 1)) {
    for (let index = 0; index < USAGE.length; index++) {
      if (bytes[at - 1 + index] !== USAGE.charCodeAt(index)) continue outer;
    }
    for (let index = at + USAGE.length - 1; index < end; index++) {
      const byte = bytes[index] ?? 0;
      if (byte === 123) return true;
      if (byte !== 58 && byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) break;
    }
  }
  return false;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
