import { say, together, use, type Play } from '../../play.ts';
import type { Scene, Script } from '../../script.ts';
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
import { givenName, namesOf } from '../names.ts';
import { KNOWN_STEPS, stepsIn, workflowSource } from '../sources/workflow.ts';

const ASKED = /\b(create|make|build|add|write|want|need|chain)\b[^.\n]{0,60}\bworkflow\b/i;
const TRIAL = { text: ' hello world ' };

/** "Chain a workflow that reverses a text and then makes it upper case". */
export const chainWorkflow: Script = {
  name: 'chain a workflow',
  when: ASKED,
  play,
};

function* play({ question }: Scene): Play {
  const name = givenName(question);
  const named = stepsIn(name === undefined ? question : question.replace(name, ''));
  const steps =
    named.length > 0 ? named : KNOWN_STEPS.filter(({ id }) => id === 'trim' || id === 'upper-case').toReversed();
  const names = namesOf(name ?? steps.map(({ id }) => id).join(' then '), 'workflow');
  const plan = planning(`Write ${steps.length} steps and chain them`, 'Check it and put it on the air', 'Run it');

  yield* say(`I chain the steps ${steps.map(({ id }) => id).join(', ')} into a workflow named ${names.id}.`);
  const [, index] = yield* together(plan(0), reading(indexOf('workflows')));
  const registered = registering('workflows', names, index ? fileText(index) : '');
  if (registered === undefined) return yield* tellNoList('workflows');
  yield* together(writing(`${PROJECT}/workflows/${names.id}.ts`, workflowSource(names, steps)), ...registered);
  const check = yield* apply(`Add workflow ${names.id}`, plan(1));
  if (!check.ok) return yield* tellFailedCheck(check);
  const [, run] = yield* together(plan(2), { tool: 'run_workflow', arguments: { workflowId: names.id, input: TRIAL } });
  yield* use('update_plan', plan(3).arguments);
  const given = tried(run);
  const said = given === '' ? '' : ` With “${TRIAL.text}” it gave “${given}”.`;
  yield* say(`The workflow ${names.id} is live.${said}`);
}
