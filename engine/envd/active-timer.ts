/** Longest time between two looks at the clock, in ms. */
const SLICE_MS = 1000;

type Wait = { leftMs: number; action: () => void; timer?: NodeJS.Timeout };

/** Those with more than a slice before them, which share one timer: there is one for every command of the last minute. */
const waiting = new Set<Wait>();
let ticker: NodeJS.Timeout | undefined;
let lastTick = 0;

/**
 * Calls `action` after `delayMs` in which the sandbox really ran. A paused sandbox is frozen while the clock goes on:
 * a plain timer would fire at the moment of the resume and kill commands whose time is not up.
 * @returns a function that cancels the timer.
 */
export function afterActive(delayMs: number, action: () => void): () => void {
  const wait: Wait = { leftMs: delayMs, action };
  if (delayMs <= SLICE_MS) finish(wait);
  else join(wait);
  return () => {
    clearTimeout(wait.timer);
    leave(wait);
  };
}

function join(wait: Wait): void {
  if (!ticker) {
    ticker = setInterval(tick, SLICE_MS).unref();
    lastTick = performance.now();
  }
  // The slice that it joins is counted in full at its end.
  wait.leftMs += Math.min(performance.now() - lastTick, SLICE_MS);
  waiting.add(wait);
}

function tick(): void {
  lastTick = performance.now();
  for (const wait of waiting) {
    wait.leftMs -= SLICE_MS;
    if (wait.leftMs > SLICE_MS) continue;
    leave(wait);
    finish(wait);
  }
}

function finish(wait: Wait): void {
  wait.timer = setTimeout(wait.action, wait.leftMs).unref();
}

function leave(wait: Wait): void {
  if (!waiting.delete(wait) || waiting.size > 0) return;
  clearInterval(ticker);
  ticker = undefined;
}
