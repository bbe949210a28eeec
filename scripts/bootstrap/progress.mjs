// What a person sees while something long runs: on a terminal one live line per running step, elsewhere plain lines.

const FRAMES = ['◐', '◓', '◑', '◒'];
/** A step that ends sooner than this is not worth a line. */
const QUIET_MS = 400;
/** Without a terminal, a running step says that it is alive this often. */
const REPORT_MS = 15_000;

/**
 * @typedef {{ detail(text: string): void }} Step
 * @typedef {{ title: string, detail: string, started: number, shown: boolean, reported: number }} Running
 */

/** @param {number} ms */
export function elapsed(ms) {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/**
 * @param {{ write(text: string): unknown, isTTY?: boolean, columns?: number }} stream
 * @param {{ now?: () => number }} [options]
 */
export function createProgress(stream, { now = Date.now } = {}) {
  const live = Boolean(stream.isTTY) && process.env['TERM'] !== 'dumb';
  const colour = live && !process.env['NO_COLOR'];
  /** @type {Set<Running>} */
  const running = new Set();
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let drawn = 0;
  let frame = 0;

  /** @param {string} code @param {string} text */
  const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

  function erase() {
    if (drawn) stream.write(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  }

  function draw() {
    const width = (stream.columns || 80) - 1;
    for (const step of running) {
      const age = now() - step.started;
      if (age < QUIET_MS) continue;
      const text = `${step.title}  ${elapsed(age)}${step.detail ? `  ${step.detail}` : ''}`;
      stream.write(`${paint('36', String(FRAMES[frame % FRAMES.length]))} ${text.slice(0, width - 2)}\n`);
      drawn += 1;
    }
  }

  function tick() {
    if (live) {
      frame += 1;
      erase();
      draw();
      return;
    }
    for (const step of running) {
      const age = now() - step.started;
      if (!step.shown && age >= QUIET_MS) {
        step.shown = true;
        stream.write(`... ${step.title}\n`);
      }
      if (now() - step.reported < REPORT_MS) continue;
      step.reported = now();
      stream.write(`    ${step.title}: ${elapsed(age)}${step.detail ? `, ${step.detail.slice(0, 100)}` : ''}\n`);
    }
  }

  /** Prints a line above the running steps. @param {string} text */
  function line(text) {
    erase();
    stream.write(`${text}\n`);
    if (live) draw();
  }

  /**
   * Shows a step while `work` runs. A step that did nothing worth telling (under 0.4 s) leaves no line.
   * @template T
   * @param {string} title
   * @param {(step: Step) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async function run(title, work) {
    const step = { title, detail: '', started: now(), shown: false, reported: now() };
    running.add(step);
    timer ??= setInterval(tick, live ? 120 : 500);
    let ok = false;
    try {
      const result = await work({ detail: (text) => (step.detail = text.replace(/\s+/g, ' ').trim()) });
      ok = true;
      return result;
    } finally {
      running.delete(step);
      if (!running.size) {
        clearInterval(timer);
        timer = undefined;
      }
      const age = now() - step.started;
      if (!ok) line(`${paint('31', '✗')} ${title}  ${elapsed(age)}`);
      else if (age >= QUIET_MS) line(`${paint('32', '✓')} ${title}  ${elapsed(age)}`);
      else if (live) {
        erase();
        draw();
      }
    }
  }

  return {
    run,
    line,
    /** @param {string} text */
    warn: (text) => line(`${paint('33', '!')} ${text}`),
    /** @param {string} text */
    bold: (text) => paint('1', text),
    /** Ends the live display, for output that follows. */
    close() {
      clearInterval(timer);
      timer = undefined;
      erase();
      running.clear();
    },
  };
}

/** @typedef {ReturnType<typeof createProgress>} Progress */
