import { ca } from './ca.ts';
import type { Command } from './command.ts';
import { exec } from './exec.ts';
import { images } from './images.ts';
import { inspect } from './inspect.ts';
import { keys } from './keys.ts';
import { kill, pause, resume } from './life-cycle.ts';
import { list } from './list.ts';
import { logs } from './logs.ts';
import { prune } from './prune.ts';
import { start } from './start.ts';
import { status } from './status.ts';

export const commands: Command[] = [
  start,
  status,
  list,
  inspect,
  logs,
  exec,
  pause,
  resume,
  kill,
  images,
  prune,
  keys,
  ca,
];
