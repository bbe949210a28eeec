import { say, together, type Play } from '../../play.ts';
import type { Scene, Script } from '../../script.ts';
import { fileText } from '../file-text.ts';
import { indexOf, reading, tried } from '../files.ts';
import { words } from '../../words.ts';

const QUESTIONS = ['Hello!', 'What can you do?', 'What time is it in Berlin?'];

/** "Run my agent with three typical questions and tell me how it did". */
export const tryAgent: Script = {
  name: 'try an agent',
  when: /\b(run|try|test|ask)\b[^.\n]{0,30}\bagent\b/i,
  play,
};

function* play({ question }: Scene): Play {
  const [index] = yield* together(reading(indexOf('agents')));
  const text = index ? fileText(index) : '';
  const files = [...text.matchAll(/from '\.\/([\w-]+)(?:\.[jt]s)?'/g)].flatMap(([, file]) => file ?? []);
  const agentId = files.find((file) => words(question).join('-').includes(file)) ?? files.at(-1);
  if (agentId === undefined) return yield* say('I see no agent in this project. Ask me to create one.');
  yield* say(`I ask ${agentId} three questions.`);
  const uses = QUESTIONS.map((message) => ({ tool: 'run_agent', arguments: { agentId, message } }));
  const answers = yield* together(...uses);
  const lines = QUESTIONS.map((asked, at) => `- “${asked}”: ${tried(answers[at]) || 'no answer'}`);
  yield* say(
    `${agentId} answered ${answers.filter((answer) => tried(answer) !== '').length} of 3:\n\n${lines.join('\n')}`,
  );
}
