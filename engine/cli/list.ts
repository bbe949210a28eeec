import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { askForJson } from '../admin/client.ts';
import { printable, SandboxFacts, sandboxFacts } from '../admin/facts.ts';
import { AddressPool } from '../network/addresses.ts';
import type { Command } from './command.ts';
import { bytes, duration, table } from './format.ts';
import type { Place } from './place.ts';

/** CPU use is the difference between two looks at it. */
const CPU_SAMPLE_MS = 250;

export const list: Command = {
  name: 'list',
  usage: '[--all] [--json]',
  summary: 'lists the sandboxes with what they take now',
  help: ['Without --all only those with processes are listed: running ones, and paused ones whose memory is kept.'],
  options: { all: { type: 'boolean', short: 'a' }, json: { type: 'boolean' } },
  async run({ place, flags }) {
    const socket = await place.socket();
    const before =
      socket === null ? await fromDisk(place) : await askForJson(socket, 'GET /sandboxes', z.array(SandboxFacts));
    const begun = performance.now();
    if (socket !== null && !flags.json && before.length > 0) await setTimeout(CPU_SAMPLE_MS);
    const sandboxes =
      socket === null || flags.json ? before : await askForJson(socket, 'GET /sandboxes', z.array(SandboxFacts));
    const shown = sandboxes
      .filter((sandbox) => flags.all || sandbox.memory === 'kept')
      .toSorted((a, b) => a.startedAt - b.startedAt);
    if (flags.json) return console.log(JSON.stringify(shown));
    const elapsed = performance.now() - begun;
    const cpu = new Map(before.map(({ id, usage }) => [id, usage?.cpuUsec]));
    const head = ['ID', 'TEMPLATE', 'STATE', 'MEMORY KEPT', 'AGE', 'ENDS IN', 'CPU', 'MEMORY', 'DISK', 'ADDRESS'];
    console.log(
      table(
        head,
        shown.map((sandbox) => row(sandbox, cpu.get(sandbox.id), elapsed)),
      ),
    );
    const hidden = sandboxes.length - shown.length;
    if (hidden > 0) console.log(`\n${hidden} without processes not shown: --all`);
    if (socket === null) console.log('\nThe engine does not run: this is what its records say.');
  },
};

function row(sandbox: SandboxFacts, cpuBefore: number | undefined, elapsedMs: number): string[] {
  const { usage, state, memory } = sandbox;
  const used = usage === null || cpuBefore === undefined ? null : usage.cpuUsec - cpuBefore;
  return [
    sandbox.id,
    printable(sandbox.template),
    state,
    memory === 'kept' ? 'yes' : 'no (hibernated)',
    duration(Date.now() - sandbox.startedAt),
    state === 'running' ? `${duration(sandbox.endAt - Date.now())} (${sandbox.onTimeout})` : '-',
    used === null || state === 'paused' ? '-' : `${Math.round(used / 10 / elapsedMs)}%`,
    usage === null ? '-' : `${bytes(usage.memoryBytes)}/${bytes(sandbox.memoryLimit)}`,
    bytes(sandbox.diskBytes),
    sandbox.address,
  ];
}

/** For an engine that does not run. Records that cannot be read are told of on the error stream. */
async function fromDisk(place: Place): Promise<SandboxFacts[]> {
  const pool = new AddressPool((await place.instance()).subnet);
  const sources = {
    address: (index: number) => pool.address(index),
    folder: (id: string) => place.store.folder(id),
    diskFile: (id: string) => place.store.diskFile(id),
    usage: () => null,
  };
  const entries = await place.store.load();
  for (const { id, problem } of entries) if (problem !== undefined) console.error(`${id}: its record cannot be read`);
  const records = entries.flatMap(({ record }) => (record === null ? [] : [record]));
  return Promise.all(records.map((record) => sandboxFacts(record, sources)));
}
