import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { BadRequestError } from '../../api/errors.ts';
import { parse } from '../../api/http.ts';

/** Without the characters that end a line or a field of the registry's login. */
const text = z
  .string()
  .min(1)
  .max(64 * 1024);

const Registry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('registry'), username: text, password: text }),
  z.object({ type: z.literal('gcp'), serviceAccountJson: text }),
  z.object({ type: z.literal('aws') }),
]);

export type Credentials = { username: string; password: string };

/**
 * `fromImageRegistry` of a build.
 * @throws BadRequestError also for `aws`, whose login has to be made by AWS' own tool
 */
export function parseCredentials(value: unknown): Credentials | undefined {
  if (value == null) return undefined;
  const registry = parse(Registry, value);
  if (registry.type === 'registry') return { username: registry.username, password: registry.password };
  // Google's registries take the whole key as a password.
  if (registry.type === 'gcp') return { username: '_json_key', password: registry.serviceAccountJson };
  throw new BadRequestError(
    'this engine does not log in to AWS by itself: give the registry the username AWS and the password that ' +
      '`aws ecr get-login-password` prints',
  );
}

/**
 * Runs `action` with the file in which skopeo finds the login: arguments can be read by every user of the machine.
 * @param directory that root alone can read
 */
export async function withAuthFile<T>(
  directory: string,
  host: string,
  credentials: Credentials,
  action: (file: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(directory, 'auth-'));
  try {
    const file = path.join(folder, 'auth.json');
    const auth = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
    await writeFile(file, JSON.stringify({ auths: { [host]: { auth } } }), { mode: 0o600 });
    return await action(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
