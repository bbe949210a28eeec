import { run } from '../scripts/bootstrap/run.mjs';

/**
 * Like `run`, but the program dies with us, even when we are killed: two builds that write to one place, of which one
 * belongs to a run that is gone, would spoil each other's result.
 */
export const boundRun: typeof run = (command, args, options) =>
  run('setpriv', ['--pdeathsig', 'KILL', '--', command, ...args], options);
