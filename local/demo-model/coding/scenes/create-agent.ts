import { say, together, use, type Play } from '../../play.ts';
import type { Script } from '../../script.ts';
import { fileText } from '../file-text.ts';
import {
  apply,
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
import { givenName, namesFromPurpose, namesOf, purposeOf } from '../names.ts';
import { agentSource } from '../sources/agent.ts';

const ASKED = /\b(create|make|build|add|write|want|need|set up)\b[^.\n]{0,60}\bagent\b/i;

/** "Create an agent that says hello", "make an agent called Polyglot which answers in French". */
export const createAgent: Script = {
  name: 'create an agent',
  when: ASKED,
  play: ({ question }) => playCreateAgent(question),
};

/** @param facts lines for the instructions that the question does not hold */
export function* playCreateAgent(question: string, facts: readonly string[] = []): Play {
  const purpose = purposeOf(question, 'agent') ?? 'helps';
  const given = givenName(question);
  const names = given === undefined ? namesFromPurpose(purpose, 'helper') : namesOf(given, 'helper');
  const plan = planning(`Write the agent ${names.title}`, 'Check it and put it on the air', 'Try it out');

  yield* say(`I write an agent named ${names.title}, have it checked, and try it out.`);
  const [, index] = yield* together(plan(0), reading(indexOf('agents')));
  const registered = registering('agents', names, index ? fileText(index) : '');
  if (registered === undefined) return yield* tellNoList('agents');
  yield* together(writing(`${PROJECT}/agents/${names.id}.ts`, agentSource(names, purpose, facts)), ...registered);
  const check = yield* apply(`Add agent ${names.title}`, plan(1));
  if (!check.ok) return yield* tellFailedCheck(check);
  const [, answer] = yield* together(plan(2), {
    tool: 'run_agent',
    arguments: { agentId: names.id, message: 'Hello!' },
  });
  yield* use('update_plan', plan(3).arguments);
  const answered = tried(answer);
  const said = answered === '' ? '' : ` I asked it once, and it answered: “${answered}”`;
  yield* say(`${names.title} is live and on Studio's list of agents.${said}`);
}
