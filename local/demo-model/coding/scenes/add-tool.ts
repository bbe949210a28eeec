import { say, together, use, type Play } from '../../play.ts';
import type { Scene, Script } from '../../script.ts';
import { type Check, tellError } from '../check.ts';
import { fileText } from '../file-text.ts';
import {
  apply,
  editing,
  indexOf,
  planning,
  PROJECT,
  reading,
  registering,
  tellFailedCheck,
  tellNoList,
  tried,
  writing,
} from '../files.ts';
import { addEntry, AGENT_TOOLS } from '../registry.ts';
import { KNOWN_TOOLS, type KnownTool } from '../sources/tools.ts';

const ASKED = /\b(create|make|build|add|write|want|need|give)\b[^.\n]{0,60}\btool\b/i;
/** The person wants to see the check catch something. */
const WITH_MISTAKE = /\b(mistakes?|type errors?|wrong|bugs?|break it)\b/i;
const AGENT = `${PROJECT}/agents/assistant.ts`;

/** "Add a tool that rolls dice", and "… with a mistake" to see it caught and mended. */
export const addTool: Script = {
  name: 'add a tool',
  when: ASKED,
  play,
};

function* play({ question }: Scene): Play {
  const tool = KNOWN_TOOLS.find(({ when }) => when.test(question));
  if (!tool) {
    return yield* say(
      'my scripts know four tools: one that rolls dice, one that converts Celsius to Fahrenheit, one that counts words, and one for the weather. With a provider key, any tool can be written.',
    );
  }
  const { names } = tool;
  const wrong = WITH_MISTAKE.test(question);
  const path = `${PROJECT}/tools/${names.id}.ts`;
  const plan = planning(
    `Write the tool ${names.id}`,
    'Give it to the assistant',
    'Check it and put it on the air',
    'Try it out',
  );

  yield* say(
    `I write a tool named ${names.id} and give it to the assistant${wrong ? ', at first with a mistake in it' : ''}.`,
  );
  const [, index, agent] = yield* together(plan(0), reading(indexOf('tools')), reading(AGENT));
  const registered = registering('tools', names, index ? fileText(index) : '');
  if (registered === undefined) return yield* tellNoList('tools');
  const source = wrong ? tool.source.replace(tool.mistake.right, () => tool.mistake.wrong) : tool.source;
  yield* together(writing(path, source), ...registered);
  const given = addEntry(agent ? fileText(agent) : '', names, `../tools/${names.id}`, AGENT_TOOLS);
  if (given) yield* together(plan(1), editing(AGENT, given));

  let check = yield* apply(`Add tool ${names.id}`, plan(2));
  if (!check.ok && wrong) check = yield* mend(tool, path, check);
  if (!check.ok) return yield* tellFailedCheck(check);
  yield* tryOut(tool, plan(3));
  yield* use('update_plan', plan(4).arguments);
  yield* say(`The tool ${names.id} is live.`);
}

/** Reads what the check says, looks at that file, and puts it right. */
function* mend({ mistake, names }: KnownTool, path: string, { errors }: Check): Play<Check> {
  const error = errors[0];
  if (!error) return { ok: false, errors };
  yield* say(`The check caught it: ${tellError(error)}. I put that right.`);
  yield* use('read_file', reading(error.file?.startsWith('src/') ? error.file : path).arguments);
  yield* use('edit_file', editing(path, { old: mistake.wrong, new: mistake.right }).arguments);
  return yield* apply(`Add tool ${names.id}`);
}

function* tryOut({ trial }: KnownTool, plan: ReturnType<ReturnType<typeof planning>>): Play {
  const [, answer] = yield* together(plan, { tool: 'run_agent', arguments: { agentId: 'assistant', message: trial } });
  const answered = tried(answer);
  if (answered !== '') yield* say(`I asked the assistant “${trial}”: ${answered}`);
}
