import { commandEnvironment } from './run-command.ts';
import { spawn } from 'node:child_process';
import { ToolError } from '../tools/tool.ts';
import { envFilePatterns } from './env-files.ts';
import { resolveInProject } from './project-path.ts';

const TIMEOUT_MS = 15_000;
const MAX_MATCHES = 200;
const MAX_LINE = 300;
const MAX_BYTES = 400_000;

type SearchOptions = { pattern: string; path: string; glob: string | undefined; ignoreCase: boolean };

/** Lines that match, as `file:line:text`. Git searches, which knows what is ignored, binary or a link. */
export async function searchFiles(projectDir: string, options: SearchOptions, signal: AbortSignal): Promise<string> {
  const { relative } = await resolveInProject(projectDir, options.path);
  const pathspec =
    options.glob === undefined ? relative : `:(glob)${relative === '.' ? '' : `${relative}/`}${anyDepth(options.glob)}`;
  const search = (kind: '-E' | '-F') =>
    run(projectDir, signal, [
      'grep',
      '-nI',
      '--no-color',
      '--untracked',
      kind,
      ...(options.ignoreCase ? ['-i'] : []),
      '-e',
      options.pattern,
      '--',
      pathspec,
      ...envFilePatterns().map((pattern) => `:(exclude,glob)${pattern}`),
      ':(exclude,glob)**/pnpm-lock.yaml',
    ]);
  const asRegExp = await search('-E');
  // What is no regular expression is looked for as it stands.
  const { code, output, errors } = asRegExp.code > 1 ? await search('-F') : asRegExp;
  if (code > 1) throw new ToolError(`The search failed: ${errors.slice(0, 300)}`);
  const lines = output.split('\n').filter(Boolean);
  if (lines.length === 0) return 'No match.';
  const shown = lines
    .slice(0, MAX_MATCHES)
    .map((line) => (line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line));
  if (lines.length > MAX_MATCHES) shown.push('… and more: narrow the search.');
  return shown.join('\n');
}

const anyDepth = (glob: string) => (glob.includes('/') ? glob : `**/${glob}`);

type Output = { code: number; output: string; errors: string };

function run(cwd: string, signal: AbortSignal, args: string[]): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, {
      cwd,
      env: commandEnvironment(process.env),
      signal,
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > MAX_BYTES) child.kill('SIGKILL');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text.slice(0, 1000)));
    child.once('error', reject);
    // Killed for too much output: what came is enough.
    child.once('close', (code) =>
      resolve({ code: code ?? (output === '' ? 2 : 0), output, errors: errors || 'it took too long' }),
    );
  });
}
