import { say, use, type Play } from '../../play.ts';
import type { Scene, Script } from '../../script.ts';
import { fileText } from '../file-text.ts';
import { apply, editing, indexOf, PROJECT, read, reading, tellFailedCheck, tried } from '../files.ts';
import type { Edit } from '../registry.ts';
import { inTemplate, sentence } from '../sources/text.ts';
import { words } from '../../words.ts';
import { parseJson } from '../json.ts';

const ASKED =
  /^\W*(?:please |now |also |and |then )*(?:make|let|have) (?<who>it|him|her|them|the \w+|[\w-]+) (?<what>[^\n]{1,300})$/i;
/** "Have a tool that …" is about a thing that is not there yet. */
const ANOTHER = /\b(agent|tool|app|workflow)\b.*\b(that|which|called)\b/i;
const AGENT_FILE = /src\/mastra\/agents\/(?!index\.)([\w-]+)\.ts/g;

/** "Make it say goodbye too", "make it friendlier": one more line for the instructions of the agent that was last spoken of. */
export const changeAgent: Script = {
  name: 'change an agent',
  when: ({ question }) => ASKED.test(question) && !ANOTHER.test(question),
  play,
};

function* play(scene: Scene): Play {
  const { who = 'it', what = '' } = ASKED.exec(scene.question)?.groups ?? {};
  const line = instructionFrom(what);
  const id = lastAgent(scene) ?? (yield* agentOnList(who));
  if (id === undefined) return yield* say('I see no agent in this project to change. Ask me to create one.');

  yield* say(`I add a line to what ${id} is told: “${line}”`);
  const path = `${PROJECT}/agents/${id}.ts`;
  const edit = addInstruction(fileText(yield* use('read_file', reading(path).arguments)), line);
  if (edit === undefined) {
    return yield* say(`The instructions in ${path} are not where I look for them. A real model would find them.`);
  }
  yield* use('edit_file', editing(path, edit).arguments);
  const check = yield* apply(`Tell ${id}: ${line}`.slice(0, 72));
  if (!check.ok) return yield* tellFailedCheck(check);
  const answer = tried(yield* use('run_agent', { agentId: id, message: 'Hello!' }));
  const said = answer === '' ? '' : ` Asked again, it answered: “${answer}”`;
  yield* say(`The change is live.${said}`);
}

/** "say goodbye too" -> "Also say goodbye." "friendlier" -> "Be friendlier." */
export function instructionFrom(what: string): string {
  const plain = what.trim().replace(/[.!?]+$/, '');
  const more = plain.replace(/,?\s+(?:too|as well|also)$/i, '');
  if (more !== plain) return sentence(`also ${more}`);
  return sentence(/^(?:more |less |\w+er$|\w+(?:er) and )/i.test(plain) ? `be ${plain}` : plain);
}

/** A new last line in the template string of the instructions, or a second sentence in plain quotes. */
function addInstruction(source: string, line: string): Edit | undefined {
  const template = /\binstructions: `(?:[^`\\]|\\.)*`/s.exec(source)?.[0];
  if (template !== undefined) return { old: template, new: `${template.slice(0, -1)}\n${inTemplate(line)}\`` };
  const plain = /\binstructions:\s*(['"])((?:(?!\1)[^\\\n])*)\1/.exec(source);
  if (!plain) return undefined;
  return { old: plain[0], new: `instructions: \`${inTemplate(plain[2] ?? '')}\n${inTemplate(line)}\`` };
}

/** The agent whose file was written last in this conversation. */
function lastAgent({ earlier }: Scene): string | undefined {
  for (const message of earlier.toReversed()) {
    if (message.role !== 'assistant') continue;
    for (const call of message.calls.toReversed()) {
      const path = pathOf(parseJson(call.arguments));
      const found = [...path.matchAll(AGENT_FILE)].at(-1)?.[1];
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function pathOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('path' in value)) return '';
  return typeof value.path === 'string' ? value.path : '';
}

/** The one that the question names, else the last on the list. */
function* agentOnList(who: string): Play<string | undefined> {
  const index = yield* read(indexOf('agents'));
  const files = [...index.matchAll(/from '\.\/([\w-]+)(?:\.[jt]s)?'/g)].flatMap(([, file]) => file ?? []);
  const named = files.find((file) => words(who).join('-').endsWith(file));
  return named ?? files.at(-1);
}
