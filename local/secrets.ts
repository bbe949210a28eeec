import { randomBytes, randomInt } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { readJson, writeJson } from './files.ts';
import { pickSubnet, takenRanges } from './subnet.ts';

const port = z.number().int().min(0).max(65_535);

const schema = z.object({
  version: z.literal(1),
  /** Signs sessions and derives the tokens of the sandboxes' servers. */
  authSecret: z.string().min(32),
  databaseAdminPassword: z.string().min(16),
  databasePassword: z.string().min(16),
  /** Names this deployment in the metadata of its sandboxes. */
  deploymentId: z.string().min(8),
  /** In the name of everything that the engine makes on the machine. */
  instance: z.string().regex(/^[a-z0-9]{4,6}$/),
  subnet: z.string(),
  engineKey: z.string().nullable(),
  ports: z.object({ postgres: port, engine: port, demoModel: port, control: port }),
});

export type Secrets = z.infer<typeof schema>;

const random = (bytes: number) => randomBytes(bytes).toString('hex');
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/**
 * What is generated once for a data directory and stays: losing it signs everybody out and loses the sandboxes.
 * Readable for root alone.
 */
export function secretsFile(dataDir: string): string {
  return path.join(dataDir, 'secrets.json');
}

export function readSecrets(dataDir: string): Promise<Secrets | null> {
  return readJson(secretsFile(dataDir), schema);
}

export function writeSecrets(dataDir: string, secrets: Secrets): Promise<void> {
  return writeJson(secretsFile(dataDir), secrets, 0o600);
}

/** Reads the secrets, or makes them at the first start. */
export async function loadSecrets(dataDir: string): Promise<Secrets> {
  const existing = await readSecrets(dataDir);
  if (existing) return existing;
  const secrets: Secrets = {
    version: 1,
    authSecret: random(32),
    databaseAdminPassword: random(24),
    databasePassword: random(24),
    deploymentId: random(8),
    instance: Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join(''),
    subnet: pickSubnet(await takenRanges()),
    engineKey: null,
    ports: { postgres: 0, engine: 0, demoModel: 0, control: 0 },
  };
  await writeSecrets(dataDir, secrets);
  return secrets;
}
