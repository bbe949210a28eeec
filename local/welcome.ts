import path from 'node:path';
import type { Box } from './box.ts';
import type { Started } from './stack.ts';

/** What a person reads when everything runs. */
export async function welcome(box: Box, _started: Started, took: string): Promise<string> {
  const lines = ['', `Shmastra Cloud is ready (${took}).`, '', `  ${box.publicUrl}`, ''];
  const logs = path.relative(process.cwd(), box.logs);
  lines.push(`Logs: ${logs.startsWith('..') ? box.logs : logs}   Stop: Ctrl-C`);
  return lines.join('\n');
}
