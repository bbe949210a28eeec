import path from 'node:path';
import { z } from 'zod';
import { readJson, writeJson } from './files.ts';

/** What the engine changes of the kernel's settings it writes down itself. */
const schema = z.object({
  /** We made the service user, and may remove it. */
  madeUser: z.boolean(),
});

export type MachineRecord = z.infer<typeof schema>;

const file = (dataDir: string) => path.join(dataDir, 'machine.json');

export const readMachineRecord = (dataDir: string): Promise<MachineRecord | null> => readJson(file(dataDir), schema);

/** At the first start, before anything is changed: how the machine was, for `npm run uninstall`. */
export async function recordMachine(dataDir: string, serviceUserExists: boolean): Promise<void> {
  if (await readMachineRecord(dataDir)) return;
  await writeJson(file(dataDir), { madeUser: !serviceUserExists }, 0o644);
}
