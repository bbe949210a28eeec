import { askForJson } from '../admin/client.ts';
import { SandboxDetail } from '../admin/facts.ts';
import { ENVD_PORT } from '../sandboxes/machines.ts';
import { type Command, CliError, onlyArgument, UsageError } from './command.ts';
import { EnvdProcess } from './envd-process.ts';
import type { Place } from './place.ts';
import { joinStreams } from './join-streams.ts';

export const exec: Command = {
  name: 'exec',
  usage: '<id> [-it] [-u <user>] [-w <folder>] [-e <name>=<value>] [-- <command> [arguments]]',
  summary: 'runs a program in a sandbox',
  help: [
    'Input, output and exit code are passed on. -t gives it a terminal (-i is understood and always on), without a',
    "command a login shell. -u is the sandbox's own user by default. The program is run as it is, not by a shell:",
    "  engine exec <id> -- sh -c 'ls /home/* | wc -l'",
    'It does not make the sandbox live longer, and a paused one has to be resumed first.',
  ],
  options: {
    interactive: { type: 'boolean', short: 'i' },
    tty: { type: 'boolean', short: 't' },
    user: { type: 'string', short: 'u' },
    workdir: { type: 'string', short: 'w' },
    env: { type: 'string', short: 'e' },
  },
  async run({ place, args, rest, flags }) {
    const id = onlyArgument(args, 'id');
    const wantsTerminal = flags.tty === true;
    if (wantsTerminal && !process.stdin.isTTY) throw new UsageError('-t needs a terminal here, too');
    const command = rest.length > 0 ? rest : wantsTerminal ? ['/bin/bash', '-l'] : null;
    if (command === null) throw new UsageError('the command is missing: engine exec <id> -- <command>');
    const record = await place.record(id);
    await checkRunning(place, id, record.state);
    const [name, ...value] = typeof flags.env === 'string' ? flags.env.split('=') : [];
    const started = await EnvdProcess.start(
      { url: `http://${await place.address(record)}:${ENVD_PORT}`, token: record.envdToken },
      {
        command,
        user: typeof flags.user === 'string' ? flags.user : record.user,
        ...(typeof flags.workdir === 'string' ? { cwd: flags.workdir } : {}),
        envs: {
          ...(wantsTerminal ? { TERM: process.env.TERM ?? 'xterm-256color' } : {}),
          ...(name ? { [name]: value.join('=') } : {}),
        },
        ...(wantsTerminal ? { terminal: { cols: process.stdout.columns, rows: process.stdout.rows } } : {}),
      },
    );
    return joinStreams(started, wantsTerminal);
  },
};

/** A frozen sandbox would let the call hang; the engine knows better than the record on disk. */
async function checkRunning(place: Place, id: string, recorded: string): Promise<void> {
  const socket = await place.socket();
  const state = socket === null ? recorded : (await askForJson(socket, `GET /sandboxes/${id}`, SandboxDetail)).state;
  if (state !== 'running') throw new CliError(`${id} is paused.`, `engine resume ${id}`);
}
