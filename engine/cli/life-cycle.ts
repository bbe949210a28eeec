import { askEngine } from '../admin/client.ts';
import { onlyArgument, type Command } from './command.ts';

const change = (verb: string, summary: string, done: string, help: string[]): Command => ({
  name: verb,
  usage: '<id>',
  summary,
  help,
  async run({ place, args }) {
    const id = onlyArgument(args, 'id');
    await askEngine(await place.runningSocket(), `POST /sandboxes/${encodeURIComponent(id)}/${verb}`);
    console.log(`${id} ${done}`);
  },
});

export const pause = change('pause', 'freezes a sandbox; its memory is kept', 'is paused', []);
export const resume = change('resume', 'lets a paused sandbox go on', 'runs', ['It gets an hour to live from now on.']);
export const kill = change('kill', 'ends a sandbox and deletes its disk', 'is gone', ['This cannot be undone.']);
