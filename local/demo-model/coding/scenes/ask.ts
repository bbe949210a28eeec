import { say, use, type Play } from '../../play.ts';
import type { Scene, Script } from '../../script.ts';
import { field, parseJson } from '../json.ts';
import { playCreateAgent } from './create-agent.ts';

const ASKED = /\bask me (?:for |about |what |which )?(?<topic>[^,.\n]{1,80})/i;
const OPTIONS: Record<string, string[]> = {
  language: ['English', 'German', 'Spanish'],
  tone: ['Friendly', 'Formal', 'Funny'],
  colour: ['Red', 'Green', 'Blue'],
};

/** "Ask me which language to use, then create an agent that greets people": the answer becomes part of the agent. */
export const ask: Script = {
  name: 'ask the person',
  when: ASKED,
  play,
};

function* play({ question }: Scene): Play {
  const topic = (ASKED.exec(question)?.groups?.topic ?? 'it')
    .replace(/\s+(?:and|then|before|first)\b.*$/i, '')
    .replace(/^my /i, '')
    .trim();
  const known = Object.entries(OPTIONS).find(([word]) => topic.toLowerCase().includes(word));
  yield* say('before I begin, I have a question.');
  const result = yield* use('ask_user', {
    question: `Which ${topic.replace(/^(?:which|what) /i, '')}?`,
    options: known?.[1] ?? ['Small', 'Large'],
  });
  const answer = answerIn(parseJson(result.content));
  if (result.failed || answer === '') return yield* say('No answer came, so nothing was changed.');
  const wanted = /\bagent\b/i.test(question) ? question.replace(ASKED, '') : 'Create an agent that greets people';
  const fact = `${topic.charAt(0).toUpperCase()}${topic.slice(1)}: ${answer}.`;
  yield* playCreateAgent(wanted, [fact]);
}

/** What the person chose or wrote. */
function answerIn(value: unknown): string {
  const answer = field(value, 'answer');
  return Array.isArray(answer) ? answer.filter((each) => typeof each === 'string').join(', ') : '';
}
