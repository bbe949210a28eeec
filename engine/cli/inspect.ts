import { askForJson } from '../admin/client.ts';
import { SandboxDetail } from '../admin/facts.ts';
import { onlyArgument, type Command } from './command.ts';
import { bytes, duration, fields } from './format.ts';

export const inspect: Command = {
  name: 'inspect',
  usage: '<id> [--json]',
  summary: 'shows all about one sandbox, except its secrets',
  options: { json: { type: 'boolean' } },
  async run({ place, args, flags }) {
    const id = onlyArgument(args, 'id');
    const detail = await askForJson(
      await place.runningSocket(),
      `GET /sandboxes/${encodeURIComponent(id)}`,
      SandboxDetail,
    );
    if (flags.json) return console.log(JSON.stringify(detail, null, 2));
    const { usage, disk, network } = detail;
    console.log(
      fields([
        ['id', detail.id],
        ['template', `${detail.template} (${detail.templateID})`],
        ['state', `${detail.state}, memory ${detail.memory === 'kept' ? 'kept' : 'not kept (starts from its disk)'}`],
        ['started', `${new Date(detail.startedAt).toISOString()} (${duration(Date.now() - detail.startedAt)} ago)`],
        ['time-out', `${new Date(detail.endAt).toISOString()}, then ${detail.onTimeout}`],
        ['cpu', `${detail.cpuCount} cores${usage ? `, ${(usage.cpuUsec / 1e6).toFixed(1)} s used` : ''}`],
        ['memory', memoryLine(detail)],
        ['disk', `${bytes(detail.diskBytes)} on the host of at most ${bytes(detail.diskLimit)}`],
        [
          'disk inside',
          disk ? `${bytes(disk.usedBytes)} used, ${bytes(disk.freeBytes)} and ${disk.freeInodes} inodes free` : '-',
        ],
        [
          'network',
          network
            ? `${network.address} on ${network.link}, ${bytes(network.receivedBytes)} in, ${bytes(network.sentBytes)} out`
            : `${detail.address}, no link`,
        ],
        ['cgroup', detail.cgroup],
        ['folder', detail.folder],
      ]),
    );
    section(
      'mounts',
      detail.mounts.map(({ target, type, options }) => `${type.padEnd(8)} ${target} (${options})`),
    );
    section(
      'processes',
      detail.processes.map(({ pid, command }) => `${String(pid).padStart(8)}  ${command}`),
    );
    section('record', JSON.stringify(detail.record, null, 2).split('\n'));
  },
};

function memoryLine({ usage, memoryLimit }: SandboxDetail): string {
  if (usage === null) return `at most ${bytes(memoryLimit)}`;
  const { memoryBytes, cacheBytes, processes } = usage;
  return `${bytes(memoryBytes)} of ${bytes(memoryLimit)}, ${bytes(cacheBytes)} of it page cache; ${processes} processes and threads`;
}

function section(title: string, lines: string[]): void {
  console.log(`\n${title}:`);
  for (const line of lines) console.log(`  ${line}`);
}
