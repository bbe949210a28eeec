import path from 'node:path';
import { askForJson } from '../admin/client.ts';
import { printable } from '../admin/facts.ts';
import { runDirectory } from '../config.ts';
import { findPrunable, removePrunable, type PruneItem } from '../prune/plan.ts';
import { PruneItems } from '../prune/request.ts';
import { isAlive } from '../runtime/process.ts';
import { restoreSettings } from '../state/host-settings.ts';
import { removeZram } from '../state/zram.ts';
import { lockFile, readHolder } from '../state/engine-lock.ts';
import { readInstance, removeHostState } from '../state/instance.ts';
import { TemplateStore } from '../templates/template-store.ts';
import { findUnusedLayers } from '../templates/unused-layers.ts';
import { CliError, type Command, UsageError } from './command.ts';
import { bytes, table } from './format.ts';
import type { Place } from './place.ts';

export const prune: Command = {
  name: 'prune',
  usage: '[--dry-run] [--images [--shared] [--image-cache <dir>]] [--json]',
  summary: 'removes what a stopped engine left on the machine, and with --images what nothing stands on',
  help: [
    'Of an engine that was killed: processes, mounts, cgroups, links, the packet filter, and the settings of the kernel',
    'that it raised. Sandboxes keep their disks and start from them. Refused while the engine runs, except --images.',
    '--images removes layers of images and templates, and toolboxes, that no template, sandbox or build stands on.',
    'They are made or fetched anew when they are needed. What a sandbox or a template needs is never removed.',
    '--shared also looks at an image cache outside the data folder, which other engines may use.',
    '--dry-run says what would go and how much it takes, and removes nothing.',
  ],
  options: {
    'dry-run': { type: 'boolean', short: 'n' },
    images: { type: 'boolean' },
    shared: { type: 'boolean' },
    'image-cache': { type: 'string' },
    json: { type: 'boolean' },
  },
  async run({ place, args, flags }) {
    if (args.length > 0) throw new UsageError('prune takes no arguments');
    const dryRun = flags['dry-run'] === true;
    const pid = await place.enginePid();
    const lines: string[] = [];
    if (pid !== null && !flags.images) {
      throw new Error(
        `the engine (process ${pid}) is running: stop it first, or prune what nothing uses with --images`,
      );
    }
    if (pid === null) lines.push(...(await pruneHost(place, dryRun)));
    const items = flags.images
      ? await pruneFiles(place, { shared: flags.shared === true, dryRun }, flags['image-cache'])
      : [];
    if (flags.json) return console.log(JSON.stringify({ dryRun, host: lines, items }));
    for (const line of lines) console.log(line);
    if (!flags.images) return;
    if (items.length === 0) return console.log('every image, toolbox and layer is in use');
    const rows = items.map((item) => [
      item.what,
      bytes(item.bytes),
      item.path,
      item.note ?? (dryRun ? 'would go' : 'removed'),
    ]);
    console.log(table(['WHAT', 'SIZE', 'WHERE', ''], rows));
    const sum = items.filter(({ note }) => note === undefined).reduce((total, item) => total + item.bytes, 0);
    console.log(dryRun ? `\n${bytes(sum)} would be freed` : `\n${bytes(sum)} freed`);
  },
};

/** What a killed engine left outside its data folder. Safe to repeat. */
async function pruneHost(place: Place, dryRun: boolean): Promise<string[]> {
  const instance = await readInstance(place.dataDir);
  if (instance === null) return ['nothing to remove: no engine ran on this data folder'];
  const holder = await readHolder(lockFile(runDirectory(instance.instance)));
  if (holder !== null && isAlive(holder)) {
    throw new CliError(
      `Instance ${instance.instance} runs on another folder (process ${holder.pid}).`,
      'stop it first',
    );
  }
  if (dryRun)
    return [`would remove sandboxes' processes, mounts, links and the packet filter of instance ${instance.instance}`];
  await removeHostState(instance);
  await removeZram(place.dataDir);
  const done = `removed sandboxes' processes, mounts, links and the packet filter of instance ${instance.instance}`;
  return [done, ...(await restoreSettings(place.dataDir))];
}

async function pruneFiles(
  place: Place,
  request: { shared: boolean; dryRun: boolean },
  cache: string | boolean | undefined,
): Promise<PruneItem[]> {
  const socket = await place.socket();
  if (socket !== null) return askForJson(socket, 'POST /prune', PruneItems, { images: true, ...request });
  const { dataDir } = place;
  const imageCacheDir = path.resolve(
    typeof cache === 'string' ? cache : (process.env.ENGINE_IMAGE_CACHE ?? path.join(dataDir, 'images')),
  );
  const entries = await place.store.load();
  const broken = entries.find(({ problem }) => problem !== undefined);
  if (broken) throw new Error(`the record of sandbox ${broken.id} cannot be read, so nobody knows what it stands on`);
  const templates = await TemplateStore.open(dataDir, Date.now, (file) => {
    throw new Error(`${printable(file)} cannot be read, so nobody knows what it stands on`);
  });
  const items = await findPrunable(
    {
      ...{ dataDir, imageCacheDir, runDir: runDirectory((await place.instance()).instance) },
      unusedLayers: () =>
        findUnusedLayers(
          { layersDir: path.join(dataDir, 'layers'), imageCacheDir },
          templates.builds(),
          entries.flatMap(({ record }) => record?.layers ?? []),
        ),
    },
    request.shared,
  );
  if (!request.dryRun) await removePrunable(items);
  return items;
}
