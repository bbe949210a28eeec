// A step that failed, in the words of the person who has to mend it: what failed, why, and what to do.

export class StartError extends Error {
  /**
   * @param {string} what What failed, one sentence.
   * @param {{ why?: string, next?: string, output?: string, log?: string, cause?: unknown }} [details]
   */
  constructor(what, { why, next, output, log, cause } = {}) {
    super(what, { cause });
    this.name = 'StartError';
    this.why = why;
    this.next = next;
    this.output = output;
    this.log = log;
  }
}

const MAX_LINES = 15;

/** The last lines of a program's output, without control sequences. @param {string} text */
export function lastLines(text, count = MAX_LINES) {
  // oxlint-disable-next-line no-control-regex -- these are what is to be removed
  const plain = text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
  const lines = plain.split(/[\r\n]+/).filter((line) => line.trim());
  return lines
    .slice(-count)
    .map((line) => line.slice(0, 400))
    .join('\n');
}

/** @param {string} text */
const indent = (text) => text.replace(/^/gm, '    ');

/** @param {unknown} error */
export function describe(error) {
  if (!(error instanceof StartError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `Something unexpected failed. This is a bug in Shmastra Cloud.\n${indent(text)}`;
  }
  const parts = [error.message];
  if (error.why) parts.push(`  Why: ${error.why}`);
  if (error.output) parts.push(indent(lastLines(error.output)));
  if (error.log) parts.push(`  Log: ${error.log}`);
  if (error.next) parts.push(`  What to do: ${error.next}`);
  return parts.join('\n');
}
