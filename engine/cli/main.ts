import { parseArgs } from 'node:util';
import { printable } from '../admin/facts.ts';
import { type Command, CliError, UsageError } from './command.ts';
import { commands } from './commands.ts';
import { asCliError, notRoot, Place } from './place.ts';

const OPTIONS = { 'data-dir': { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'Usage: engine <command> [options]',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    `  --data-dir <dir>  the engine's data folder; otherwise ENGINE_DATA_DIR, or .data/engine below this folder`,
    '',
    'engine <command> --help tells more about one of them.',
  ].join('\n');
}

const helpOf = ({ name, usage, summary, help = [] }: Command) =>
  [`Usage: engine ${name} ${usage}`, '', `It ${summary}.`, ...help].join('\n');

/** Runs one command. @returns its exit code: 0, 1 for a failure, 2 for a wrong call, or the command's own */
export async function runCli(argv: string[]): Promise<number> {
  const command = commands.find(({ name }) => name === argv.find((word) => !word.startsWith('-')));
  try {
    return await run(command, argv);
  } catch (error) {
    return report(asCliError(error), command);
  }
}

async function run(command: Command | undefined, argv: string[]): Promise<number> {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  if (command === undefined) {
    const wantsHelp = words.length === 0 || words.some((word) => ['help', '--help', '-h'].includes(word));
    if (!wantsHelp) throw new UsageError(`unknown command: ${words.join(' ')}`);
    console.log(overview());
    return words.length === 0 ? 2 : 0;
  }
  const parsed = parseArgs({ args: words, allowPositionals: true, options: { ...OPTIONS, ...command.options } });
  if (parsed.values.help) {
    console.log(helpOf(command));
    return 0;
  }
  const { 'data-dir': dataDir, ...flags } = parsed.values as Record<string, string | boolean | undefined>;
  const place = Place.find(typeof dataDir === 'string' ? dataDir : undefined);
  const invocation = { place, args: parsed.positionals.slice(1), rest: end < 0 ? [] : argv.slice(end + 1), flags };
  return (await command.run(invocation)) ?? 0;
}

function report(error: unknown, command: Command | undefined): number {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  const wrongOption = typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS');
  const shown = code === 'EACCES' ? notRoot() : error;
  console.error(`engine: ${harmless(shown instanceof Error ? shown.message : String(shown))}`);
  if (shown instanceof CliError && shown.next !== undefined) console.error(`Next: ${harmless(shown.next)}`);
  if (!wrongOption && !(shown instanceof UsageError)) return 1;
  console.error(`\n${command ? helpOf(command) : overview()}`);
  return 2;
}

/** What a sandbox answered may be part of it. */
function harmless(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line, 2000))
    .join('\n');
}
