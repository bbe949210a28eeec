import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { readJson, writeJson } from './files.ts';
import { type ProcessIdentity, isRunning } from './identity.ts';

const schema = z.object({ pid: z.number().int().positive(), startTicks: z.string(), boot: z.string() });

const file = (folder: string, name: string) => path.join(folder, `${name}.json`);

/** Writes down who runs, so that a later start can find what an interrupted one left. */
export function rememberProcess(folder: string, name: string, process: ProcessIdentity): Promise<void> {
  return writeJson(file(folder, name), process, 0o644);
}

export async function forgetProcess(folder: string, name: string): Promise<void> {
  await rm(file(folder, name), { force: true });
}

/** Processes of an earlier run that are still there. Records of others are removed. */
export async function leftovers(folder: string): Promise<{ name: string; process: ProcessIdentity }[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5));
  const found: { name: string; process: ProcessIdentity }[] = [];
  for (const name of names.toSorted()) {
    const process = await readJson(file(folder, name), schema).catch(() => null);
    if (process && isRunning(process)) found.push({ name, process });
    else await forgetProcess(folder, name);
  }
  return found;
}
