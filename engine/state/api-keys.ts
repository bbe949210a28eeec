import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from './atomic-file.ts';

const StoredKey = z.object({
  id: z.string(),
  /** SHA-256 of the whole key, hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.string(),
  /** Whose it is, for people. */
  name: z.string().optional(),
  revokedAt: z.string().optional(),
});
export type StoredKey = z.infer<typeof StoredKey>;

const fileOf = (dataDir: string) => path.join(dataDir, 'api-keys.json');
const sha256 = (text: string) => createHash('sha256').update(text).digest();

export async function listApiKeys(dataDir: string): Promise<StoredKey[]> {
  const text = await readFile(fileOf(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]';
    throw error;
  });
  return z.array(StoredKey).parse(JSON.parse(text));
}

/** @returns the key, which is kept nowhere: `e2b_` and 40 hex digits, the form that the SDK checks. */
export async function createApiKey(
  dataDir: string,
  { name, now = new Date() }: { name?: string | undefined; now?: Date } = {},
): Promise<{ id: string; key: string }> {
  const key = `e2b_${randomBytes(20).toString('hex')}`;
  const id = randomBytes(4).toString('hex');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const keys = await listApiKeys(dataDir);
  const stored = { id, hash: sha256(key).toString('hex'), createdAt: now.toISOString() };
  await writeKeys(dataDir, [...keys, name === undefined ? stored : { ...stored, name }]);
  return { id, key };
}

/** @returns false when there is no such key. */
export async function revokeApiKey(dataDir: string, id: string, now = new Date()): Promise<boolean> {
  const keys = await listApiKeys(dataDir);
  if (!keys.some((key) => key.id === id)) return false;
  await writeKeys(
    dataDir,
    keys.map((key) => (key.id === id ? { ...key, revokedAt: now.toISOString() } : key)),
  );
  return true;
}

async function writeKeys(dataDir: string, keys: StoredKey[]): Promise<void> {
  await writeFileAtomic(fileOf(dataDir), `${JSON.stringify(keys, null, 2)}\n`);
}

export type KeyCheck = (key: string | undefined) => Promise<boolean>;

/** Reads the file again when it changed, so that a new or revoked key counts at once. */
export function createKeyCheck(dataDir: string): KeyCheck {
  let version = '';
  let hashes: Buffer[] = [];
  return async (key) => {
    const stat = statSync(fileOf(dataDir), { throwIfNoEntry: false });
    const current = stat === undefined ? 'none' : `${stat.ino}:${stat.mtimeMs}:${stat.size}`;
    if (current !== version) {
      const keys = await listApiKeys(dataDir);
      hashes = keys.filter((entry) => entry.revokedAt === undefined).map((entry) => Buffer.from(entry.hash, 'hex'));
      version = current;
    }
    if (key === undefined) return false;
    const hash = sha256(key);
    let matches = false;
    // Every key is compared, whichever matches, so that time tells nothing.
    for (const known of hashes) matches = timingSafeEqual(known, hash) || matches;
    return matches;
  };
}
