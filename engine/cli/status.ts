import { askForJson } from '../admin/client.ts';
import { EngineStatus } from '../admin/status.ts';
import type { Command } from './command.ts';
import { bytes, duration, fields } from './format.ts';

export const status: Command = {
  name: 'status',
  usage: '[--json]',
  summary: 'says whether the engine runs and has room (exit code 1: it does not run, 3: it has no room)',
  options: { json: { type: 'boolean' } },
  async run({ place, flags }) {
    const found = await askForJson(await place.runningSocket(), 'GET /status', EngineStatus);
    if (flags.json) console.log(JSON.stringify(found));
    else {
      const { running = 0, paused = 0, hibernated = 0 } = found.sandboxes;
      console.log(
        fields([
          ['engine', `${found.version}, process ${found.pid}, up ${duration(Date.now() - found.startedAt)}`],
          ['state', found.reason === undefined ? found.state : `${found.state}: ${found.reason}`],
          ['listens on', `${found.host}:${found.port}, sandboxes at <port>-<id>.${found.domain}`],
          ['sandboxes', `${running} running, ${paused} paused, ${hibernated} hibernated, ${found.spares} spare`],
          ['building', found.building ? 'yes' : 'no'],
          ['free', `${bytes(found.memoryAvailable)} memory, ${bytes(found.diskFree)} disk`],
          ['data folder', found.dataDir],
          ['instance', found.instance],
        ]),
      );
    }
    return found.state === 'ready' ? 0 : 3;
  },
};
