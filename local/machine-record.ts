import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { readJson, writeJson } from './files.ts';

const IP_FORWARD = '/proc/sys/net/ipv4/ip_forward';

const schema = z.object({
  /** What net.ipv4.ip_forward was before the engine switched it on. */
  ipForward: z.string(),
  /** We made the service user, and may remove it. */
  madeUser: z.boolean(),
});

export type MachineRecord = z.infer<typeof schema>;

const file = (dataDir: string) => path.join(dataDir, 'machine.json');

export const readMachineRecord = (dataDir: string): Promise<MachineRecord | null> => readJson(file(dataDir), schema);

/** At the first start, before anything is changed: how the machine was, for `npm run uninstall`. */
export async function recordMachine(dataDir: string, serviceUserExists: boolean): Promise<void> {
  if (await readMachineRecord(dataDir)) return;
  const ipForward = (await readFile(IP_FORWARD, 'utf8').catch(() => '1')).trim();
  await writeJson(file(dataDir), { ipForward, madeUser: !serviceUserExists }, 0o644);
}
