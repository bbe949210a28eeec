import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, relative } from 'node:path';
import * as z from 'zod/mini';
import type { SourceError } from './health.ts';

export type TypeCheck = { state: 'ok' | 'failed' | 'skipped'; errors: SourceError[] };

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT = 256 * 1024;
const MAX_ERRORS = 50;
const MAX_MESSAGE = 2000;
const PLACED = /^(.+?)\((\d+),(\d+)\): error (TS\d+: .*)$/;
const UNPLACED = /^error (TS\d+: .*)$/;

const manifest = z.object({ bin: z.object({ tsc: z.string() }) });

/** Runs the project's own TypeScript over it, as `tsc --noEmit` does. Bounded in time and in what it may say. */
export async function checkTypes(projectDir: string): Promise<TypeCheck> {
  if (!existsSync(join(projectDir, 'tsconfig.json'))) return skipped('The project has no tsconfig.json.');
  const compiler = findCompiler(projectDir);
  if (compiler === undefined) return skipped('TypeScript is not installed in the project.');
  const { code, output } = await run(compiler, projectDir);
  const errors = parseTypeErrors(output, projectDir);
  if (code === 0) return { state: 'ok', errors: [] };
  if (errors.length > 0) return { state: 'failed', errors };
  if (code === undefined) return skipped(`The types could not be checked within ${TIMEOUT_MS / 1000} s.`);
  return skipped(`The types could not be checked: ${output.trim().slice(0, MAX_MESSAGE) || `exit code ${code}`}`);
}

/** The errors in what `tsc --pretty false` prints; lines that are indented go on with the message before. */
export function parseTypeErrors(output: string, projectDir: string): SourceError[] {
  const errors: SourceError[] = [];
  for (const line of output.split('\n')) {
    const [, file, row, column, placed] = PLACED.exec(line) ?? [];
    const message = placed ?? UNPLACED.exec(line)?.[1];
    const last = errors.at(-1);
    if (message === undefined) {
      if (last !== undefined && line.startsWith(' ')) last.message = `${last.message}\n${line}`.slice(0, MAX_MESSAGE);
    } else if (errors.length === MAX_ERRORS) {
      break;
    } else if (file === undefined) {
      errors.push({ message });
    } else {
      const path = isAbsolute(file) ? relative(projectDir, file) : file;
      errors.push({ message, file: path, line: Number(row), column: Number(column) });
    }
  }
  return errors;
}

const skipped = (message: string): TypeCheck => ({ state: 'skipped', errors: [{ message }] });

function findCompiler(projectDir: string): string | undefined {
  try {
    const file = createRequire(join(projectDir, 'package.json')).resolve('typescript/package.json');
    return join(dirname(file), manifest.parse(JSON.parse(readFileSync(file, 'utf8'))).bin.tsc);
  } catch {
    return undefined;
  }
}

/** The exit code is undefined when the time was up. */
function run(compiler: string, projectDir: string): Promise<{ code: number | undefined; output: string }> {
  return new Promise((resolve) => {
    let output = '';
    let late = false;
    // A group of its own: the compiler is a program that Node only starts.
    const child = spawn(process.execPath, [compiler, '--noEmit', '--pretty', 'false'], {
      cwd: projectDir,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const end = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Ended by itself.
      }
    };
    const timer = setTimeout(() => {
      late = true;
      end();
    }, TIMEOUT_MS);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        if (output.length < MAX_OUTPUT) output += text;
      });
    }
    child.once('error', (error) => (output += error.message));
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code: late ? undefined : (code ?? 1), output });
    });
  });
}
