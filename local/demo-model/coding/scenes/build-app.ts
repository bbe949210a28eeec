import { say, together, use, type Play } from '../../play.ts';
import type { Scene, Script } from '../../script.ts';
import { apply, indexOf, planning, PROJECT, reading, tellFailedCheck, writing } from '../files.ts';
import { fileText } from '../file-text.ts';
import { givenName, namesFromPurpose, namesOf, purposeOf } from '../names.ts';
import { appSource } from '../sources/app.ts';
import { words } from '../../words.ts';

const ASKED = /\b(create|make|build|add|write|want|need)\b[^.\n]{0,60}\b(?:app|web ?page|web ?site)\b/i;

/** "Build an app that talks to the assistant": a page of its own that asks an agent. */
export const buildApp: Script = {
  name: 'build an app',
  when: ASKED,
  play,
};

function* play({ question }: Scene): Play {
  const given = givenName(question);
  const names =
    given === undefined ? namesFromPurpose(purposeOf(question, 'app') ?? '', 'chat') : namesOf(given, 'chat');
  const path = `${PROJECT}/public/apps/${names.id}/index.html`;
  const plan = planning(
    'Choose the agent that it talks to',
    `Write the page ${names.title}`,
    'Check it and put it on the air',
  );

  yield* say(`I build a small app named ${names.title}.`);
  const [, index] = yield* together(plan(0), reading(indexOf('agents')));
  const agent = agentFor(question, index ? fileText(index) : '');
  yield* together(plan(1), writing(path, appSource(names.title, agent)));
  const check = yield* apply(`Add app ${names.title}`, plan(2));
  if (!check.ok) return yield* tellFailedCheck(check);
  yield* use('update_plan', plan(3).arguments);
  yield* say(`The app ${names.title} talks to the agent ${agent}. Open it from the list of apps.`);
}

/** The agent that the question names, else the sample agent, else the first. */
function agentFor(question: string, index: string): string {
  const files = [...index.matchAll(/from '\.\/([\w-]+)(?:\.[jt]s)?'/g)].flatMap(([, file]) => file ?? []);
  const asked = words(question).join('-');
  return (
    files.find((file) => asked.includes(file)) ?? files.find((file) => file === 'assistant') ?? files[0] ?? 'assistant'
  );
}
