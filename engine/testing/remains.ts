import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { runDirectory } from '../config.ts';
import { mountsBelow } from '../disk/mounts.ts';
import { AddressPool } from '../network/addresses.ts';
import { gatewayLabel, linkPrefix } from '../network/link.ts';
import { tableName } from '../network/ruleset.ts';
import { command } from '../runtime/command.ts';

/** Lists whatever an engine instance has on this host outside its data folder: nothing, after a clean stop. */
export async function findRemains(instance: string, subnet: string, dataDir: string): Promise<string[]> {
  const [links, addresses, routes, tables, loops] = await Promise.all([
    command('ip', ['-oneline', 'link', 'show']),
    command('ip', ['-oneline', 'address', 'show']),
    command('ip', ['route', 'show']),
    command('nft', ['list', 'tables']),
    command('losetup', ['--list', '--output', 'NAME,BACK-FILE']),
  ]);
  const lines = (text: string, part: string) => text.split('\n').filter((line) => line.includes(part));
  const cgroups = ['/sys/fs/cgroup', ...children('/sys/fs/cgroup')]
    .map((directory) => `${directory}/shmastra-${instance}`)
    .filter((directory) => existsSync(directory));
  const run = runDirectory(instance);
  return [
    ...lines(links, ` ${linkPrefix(instance)}`).map((line) => `link: ${line}`),
    ...lines(addresses, gatewayLabel(instance)).map((line) => `address: ${line}`),
    ...lines(routes, subnet).map((line) => `route: ${line}`),
    ...lines(routes, new AddressPool(subnet).gateway).map((line) => `route: ${line}`),
    ...lines(tables, tableName(instance)).map((line) => `nft: ${line}`),
    ...lines(loops, dataDir).map((line) => `loop device: ${line}`),
    ...mountsBelow(run).map((target) => `mount: ${target}`),
    ...cgroups.map((directory) => `cgroup: ${directory}`),
    ...(existsSync(run) ? [`directory: ${run}`] : []),
    ...processes(run).map((line) => `process: ${line}`),
  ];
}

function children(directory: string): string[] {
  return readdirSync(directory).map((name) => `${directory}/${name}`);
}

/** Processes in a cgroup of the instance, or that name its folder. */
function processes(run: string): string[] {
  return (
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      // Ended processes that the host's init has not taken note of yet hold nothing.
      .filter((pid) => !/^State:\s+Z/m.test(read(`/proc/${pid}/status`)))
      .filter((pid) => {
        const name = run.slice('/run'.length);
        return read(`/proc/${pid}/cgroup`).includes(`${name}/`) || read(`/proc/${pid}/cmdline`).includes(`${run}/`);
      })
      .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`)
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
