/** A step's announcement in the log of a build; what the step itself writes has `[stdout]` or `[stderr]` behind the label. */
const ANNOUNCEMENT = /^(CACHED )?\[builder (\d+)\/(\d+)\] (?!\[std(?:out|err)\])/;

/**
 * A line of a build's log, with what a step is for in place of the command that it runs.
 * @param titles of all steps, in their order
 */
export function stepLine(line: string, titles: readonly string[]): string {
  const [, cached, number, total] = ANNOUNCEMENT.exec(line) ?? [];
  const title = titles[Number(number) - 1];
  // Counted in another way than ours.
  if (title === undefined || Number(total) !== titles.length) return line;
  return `step ${number} of ${total}: ${title}${cached === undefined ? '' : ' (done before)'}`;
}
