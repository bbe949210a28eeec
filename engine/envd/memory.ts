import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { libc } from './native/libc.ts';

/**
 * Bytes that may pass through until the buffers that held them are freed. V8 counts them late: it would let tens of
 * megabytes of them gather, in a heap of five.
 */
const COLLECT_BYTES = 4 * 1024 * 1024;
/** How long nothing may have passed until free memory is given back, in ms. */
const IDLE_MS = 1000;

type Collect = (options?: { type: 'minor' }) => void;

let passed = 0;
let idle: NodeJS.Timeout | undefined;
let collect: Collect | undefined;

/**
 * Has V8 prefer little memory to fast code: what envd does is up to the kernel.
 */
export function preferLittleMemory(): void {
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString('--no-opt');
  setFlagsFromString('--no-maglev');
}

/** Tells that so many bytes of files, commands or requests have passed through memory. */
export function countPassed(bytes: number): void {
  passed += bytes;
  if (passed < COLLECT_BYTES) return;
  passed = 0;
  collect ??= exposeCollect();
  collect({ type: 'minor' });
  idle ??= setTimeout(giveBack, IDLE_MS).unref();
  idle.refresh();
}

function giveBack(): void {
  idle = undefined;
  collect?.();
  try {
    libc().mallocTrim(0);
  } catch {
    // Without it the memory is free for what comes next, if not for others.
  }
}

function exposeCollect(): Collect {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  return typeof found === 'function' ? (found as Collect) : () => {};
}
