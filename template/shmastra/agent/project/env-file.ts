import { parseEnv } from 'node:util';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = /^[A-Z][A-Z0-9_]{0,63}$/;
/** Those of the system and of the workspace itself: setting them would break it, or lead its calls elsewhere. */
const RESERVED =
  /^(PATH|HOME|SHELL|USER|LD_.*|NODE_.*|NPM_.*|PNPM_.*|BASH_.*|SHMASTRA_.*|SANDBOX_.*|MASTRA_.*|VIRTUAL_KEY|PORT|HOST|.*_PROXY)$/;

/** Whether a variable of this name may be asked for. */
export const isSettable = (name: string): boolean => NAME.test(name) && !RESERVED.test(name);

export const variableNames = (text: string): string[] => Object.keys(parseEnv(text)).toSorted();

/** Sets variables in .env, for its owner's eyes only, and adds their names to .env.example. */
export async function saveVariables(
  projectDir: string,
  values: Record<string, string>,
  why: Record<string, string>,
): Promise<void> {
  const file = join(projectDir, '.env');
  const text = await readFile(file, 'utf8').catch(() => '');
  await writeWhole(file, setVariables(text, values), 0o600);
  const example = join(projectDir, '.env.example');
  const known = await readFile(example, 'utf8').catch(() => '');
  const more = addNames(known, Object.keys(values), why);
  if (more !== known) await writeWhole(example, more, 0o644);
}

/** The text of a .env file with these values. Throws for a value that cannot be written so that it is read back as it is. */
export function setVariables(text: string, values: Record<string, string>): string {
  let kept = text;
  for (const name of Object.keys(values)) kept = withoutVariable(kept, name);
  if (kept !== '' && !kept.endsWith('\n')) kept += '\n';
  return (
    kept +
    Object.entries(values)
      .map(([name, value]) => `${name}=${quote(name, value)}\n`)
      .join('')
  );
}

/** Quotes in which the value means itself, for Node and for those that expand what stands in double quotes. */
function quote(name: string, value: string): string {
  for (const quoted of [`'${value}'`, `"${value}"`, `\`${value}\``]) {
    const inner = quoted.slice(1, -1);
    if (inner.includes(quoted.charAt(0)) || value.includes('\0')) continue;
    if (parseEnv(`${name}=${quoted}\n`)[name] === value) return quoted;
  }
  throw new Error(`The value of ${name} has all kinds of quotes in it, which a .env file cannot hold.`);
}

/** Takes out each assignment of a name, also one whose quoted value has several lines. */
function withoutVariable(text: string, name: string): string {
  const start = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[ \\t]*`, 'm');
  for (let found = start.exec(text); found !== null; found = start.exec(text)) {
    const valueAt = found.index + found[0].length;
    const mark = text.charAt(valueAt);
    const closing = `'"\``.includes(mark) && mark !== '' ? text.indexOf(mark, valueAt + 1) : -1;
    const lineEnd = text.indexOf('\n', closing === -1 ? valueAt : closing);
    text = text.slice(0, found.index) + (lineEnd === -1 ? '' : text.slice(lineEnd + 1));
  }
  return text;
}

function addNames(text: string, names: string[], why: Record<string, string>): string {
  let result = text;
  for (const name of names) {
    if (new RegExp(`^[ \\t]*#?[ \\t]*${name}[ \\t]*=`, 'm').test(result)) continue;
    if (result !== '' && !result.endsWith('\n')) result += '\n';
    const reason = (why[name] ?? '').replaceAll(/\s+/g, ' ').trim().slice(0, 120);
    result += `${result === '' ? '' : '\n'}${reason === '' ? '' : `# ${reason}\n`}${name}=\n`;
  }
  return result;
}

async function writeWhole(path: string, content: string, mode: number): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, content, { mode });
    await chmod(temporary, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
