import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { isSecretFile } from '../history/tree-changes.ts';

export type Secret = { name: string; value: string };

/** Shorter values occur anywhere. */
const MIN_LENGTH = 8;
const MAX_SECRETS = 1000;
/** Values of these are settings, and stand in code as well. */
const PLAIN = /(_URL|_MODEL|_DIR|_PATH|_HOST|_PORT|_REGION|_EPOCH|SANDBOX_ID|OFFLINE|DISABLED)$/;

/** What must not leave the workspace: the values of the project's .env files, and those of the workspace itself. */
export async function secretValues(projectDir: string, workspace: Record<string, string>): Promise<Secret[]> {
  const examples = new Set(Object.values(await readEnv(join(projectDir, '.env.example'))));
  const own: Secret[] = [];
  for (const name of (await readdir(projectDir)).filter(isSecretFile)) {
    own.push(...entries(await readEnv(join(projectDir, name))).filter(({ value }) => !examples.has(value)));
  }
  const all = [...own, ...entries(workspace)].filter(
    ({ name, value }) => value.length >= MIN_LENGTH && !PLAIN.test(name),
  );
  return [...new Map(all.toReversed().map((secret) => [secret.value, secret])).values()].slice(0, MAX_SECRETS);
}

/** The names that the project's .env files set. */
export async function variableNames(projectDir: string): Promise<string[]> {
  const names = new Set<string>();
  for (const file of (await readdir(projectDir)).filter(isSecretFile)) {
    for (const name of Object.keys(await readEnv(join(projectDir, file)))) names.add(name);
  }
  return [...names].toSorted();
}

/** The text of .env.example with these names in it, without values. */
export function withNames(text: string, names: string[]): string {
  const missing = names.filter(
    (name) => !new RegExp(`^[ \\t]*(?:#[ \\t]*)?(?:export[ \\t]+)?${name}[ \\t]*=`, 'm').test(text),
  );
  if (missing.length === 0) return text;
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${start}${missing.map((name) => `${name}=\n`).join('')}`;
}

const entries = (values: Record<string, string>): Secret[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

async function readEnv(file: string): Promise<Record<string, string>> {
  const parsed = parseEnv(await readFile(file, 'utf8').catch(() => ''));
  return Object.fromEntries(
    Object.entries(parsed).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
