import { readdirSync, readFileSync } from 'node:fs';

/** What a process and all that it has started hold in memory, in mebibytes. */
export function treeMemory(root: number): { rss: number; pss: number } {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^(\d+) .*\) \S (\d+)/s.exec(read(`/proc/${name}/stat`));
    if (parent !== null)
      children.set(Number(parent[2]), [...(children.get(Number(parent[2])) ?? []), Number(parent[1])]);
  }
  const all = [root];
  for (const pid of all) all.push(...(children.get(pid) ?? []));
  const sum = (field: string) =>
    all.reduce((total, pid) => {
      const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(read(`/proc/${pid}/smaps_rollup`))?.[1];
      return total + Number(kib ?? 0) / 1024;
    }, 0);
  return { rss: Math.round(sum('Rss')), pss: Math.round(sum('Pss')) };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // Gone meanwhile, or no process.
    return '';
  }
}
