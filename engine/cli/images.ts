import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { askEngine, askForJson } from '../admin/client.ts';
import { ImageFacts, PullProgress } from '../admin/images.ts';
import { CliError, type Command, onlyArgument, UsageError } from './command.ts';
import { bytes, table } from './format.ts';
import type { Invocation } from './command.ts';

export const images: Command = {
  name: 'images',
  usage: 'list [--json] | pull <image> [--username <name> --password-stdin] | remove <layer>',
  summary: 'lists, fetches and removes the images that templates stand on',
  help: [
    'pull takes what fromImage() of a template takes: node:22 and debian:bookworm are made here from npm and Debian, others',
    'come from a registry: python:3.12-slim, ghcr.io/owner/name:tag, name@sha256:<digest>.',
    'A password is read from the standard input: … --password-stdin < file',
    'remove refuses what a template, a sandbox or a build stands on; prune --images removes all that nothing does.',
  ],
  options: {
    json: { type: 'boolean' },
    username: { type: 'string' },
    'password-stdin': { type: 'boolean' },
  },
  async run(invocation) {
    const [verb, ...args] = invocation.args;
    const { place, flags } = invocation;
    const socket = await place.runningSocket();
    if (verb === 'list') {
      if (args.length > 0) throw new UsageError('list takes no arguments');
      return show(await askForJson(socket, 'GET /images', z.array(ImageFacts)), flags.json === true);
    }
    if (verb === 'pull') {
      const body = { image: onlyArgument(args, 'image'), ...(await login(flags)) };
      await pull(socket, body);
    } else if (verb === 'remove') {
      const layer = onlyArgument(args, 'layer');
      await askEngine(socket, 'POST /images/remove', { layer });
      console.log(`${layer} is removed`);
    } else throw new UsageError('say what to do: list, pull <image> or remove <layer>');
  },
};

/** Shows the progress as it comes. @throws CliError with the engine's reason */
async function pull(socket: string, body: object): Promise<void> {
  let rest = '';
  let error: string | undefined = 'the engine ended meanwhile';
  await askEngine(socket, 'POST /images/pull', body, (part) => {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const progress = PullProgress.parse(JSON.parse(line));
      error = 'error' in progress ? progress.error : 'done' in progress ? undefined : error;
      if ('line' in progress) console.error(progress.line);
      if ('done' in progress) console.log(progress.done);
    }
  });
  if (error !== undefined) throw new CliError(error);
}

function show(found: ImageFacts[], asJson: boolean): void {
  if (asJson) return console.log(JSON.stringify(found));
  const rows = found.map(({ layer, image, bytes: size, templates, sandboxes }) => [
    layer,
    bytes(size),
    templates.join(', ') || '-',
    String(sandboxes),
    image ?? '(made here)',
  ]);
  console.log(table(['LAYER', 'SIZE', 'TEMPLATES', 'SANDBOXES', 'IMAGE'], rows));
}

async function login({ username, 'password-stdin': fromInput }: Invocation['flags']) {
  if (username === undefined && !fromInput) return {};
  if (typeof username !== 'string' || !fromInput) throw new UsageError('--username and --password-stdin go together');
  const password = (await text(process.stdin)).trim();
  if (password === '') throw new UsageError('there is no password on the standard input');
  return { login: { username, password } };
}
