/** Longest wait between two looks at the clock, in ms. */
const SLICE_MS = 1000;

/**
 * Calls `action` after `delayMs` in which the sandbox really ran. A paused sandbox is frozen while the clock goes on:
 * a plain timer would fire at the moment of the resume and kill commands whose time is not up.
 * @returns a function that cancels the timer.
 */
export function afterActive(delayMs: number, action: () => void): () => void {
  let left = delayMs;
  let timer: NodeJS.Timeout;
  const next = () => {
    const slice = Math.min(left, SLICE_MS);
    timer = setTimeout(() => {
      left -= slice;
      if (left > 0) next();
      else action();
    }, slice);
    timer.unref();
  };
  next();
  return () => clearTimeout(timer);
}
