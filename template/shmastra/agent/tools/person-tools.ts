import * as z from 'zod/mini';
import { isSettable, saveVariables } from '../project/env-file.ts';
import type { EnvData, QuestionData } from '../turns/chunks.ts';
import { newRequestId } from '../turns/requests.ts';
import type { ToolContext } from './context.ts';
import { ToolError, type AgentTool } from './tool.ts';

const MAX_VARIABLES = 10;

const planItem = z.object({
  id: z.string().check(z.maxLength(40)),
  text: z.string().check(z.maxLength(200)),
  state: z.enum(['todo', 'doing', 'done']),
});
const variable = z.object({
  name: z.string().check(z.describe('In capitals, such as SLACK_BOT_TOKEN')),
  why: z.string().check(z.maxLength(300), z.describe('What it is for and where to get it, for the person')),
  secret: z._default(z.boolean(), true),
});

/** What concerns the person: the plan they see, and what they are asked. */
export function personTools({ tool, turn, projectDir }: ToolContext): Record<string, AgentTool> {
  return {
    update_plan: tool({
      name: 'update_plan',
      description:
        'Shows the person the plan of what you are doing, in short steps. Call it again when a step is done.',
      input: z.object({ items: z.array(planItem).check(z.minLength(1), z.maxLength(20)) }),
      execute: async ({ items }) => {
        turn.put('plan', { items });
        return { ok: true };
      },
    }),
    ask_user: tool({
      name: 'ask_user',
      description:
        'Asks the person a question and waits. Only for what you cannot find out or decide sensibly yourself.',
      input: z.object({
        question: z.string().check(z.minLength(1), z.maxLength(1000)),
        options: z._default(z.array(z.string().check(z.maxLength(200))).check(z.maxLength(10)), []),
        multiple: z._default(z.boolean(), false),
      }),
      execute: async (input, signal) => {
        const asked: QuestionData = { id: newRequestId(), ...input, state: 'open' };
        const show = (more: Partial<QuestionData>) => turn.put('question', { ...asked, ...more }, asked.id);
        const answered = turn.asking(() => turn.questions.wait(asked.id, signal));
        show({});
        try {
          const answer = await answered;
          if ('skip' in answer) {
            show({ state: 'skipped' });
            return { skipped: true };
          }
          show({ state: 'answered', answer: answer.answer });
          return { answer: answer.answer };
        } catch (error) {
          show({ state: 'skipped' });
          throw error;
        }
      },
    }),
    ask_env_vars: tool({
      name: 'ask_env_vars',
      description:
        'Asks the person for values such as API keys. They go straight into .env: you only learn which names were saved. Code reads them by process.env.',
      input: z.object({ variables: z.array(variable).check(z.minLength(1), z.maxLength(MAX_VARIABLES)) }),
      execute: async ({ variables }, signal) => {
        const wrong = variables.filter(({ name }) => !isSettable(name)).map(({ name }) => name);
        if (wrong.length > 0)
          throw new ToolError(`These cannot be set: ${wrong.join(', ')}. Use names such as ACME_API_KEY.`);
        const asked: EnvData = { id: newRequestId(), variables, state: 'open' };
        const show = (more: Partial<EnvData>) => turn.put('env', { ...asked, ...more }, asked.id);
        const answered = turn.asking(() => turn.environment.wait(asked.id, signal));
        show({});
        try {
          const answer = await answered;
          const saved = 'skip' in answer ? [] : await save(projectDir, variables, answer.values);
          show(saved.length === 0 ? { state: 'skipped' } : { state: 'saved', saved: saved.length });
          return saved.length === 0 ? { skipped: true } : { saved };
        } catch (error) {
          show({ state: 'skipped' });
          throw error;
        }
      },
    }),
  };
}

/** Saves the values of those that were asked for, and gives back their names. */
async function save(
  projectDir: string,
  variables: { name: string; why: string }[],
  given: Record<string, string>,
): Promise<string[]> {
  const filled = variables.filter(({ name }) => (given[name] ?? '').trim() !== '');
  if (filled.length === 0) return [];
  const values = Object.fromEntries(filled.map(({ name }) => [name, (given[name] ?? '').trim()]));
  const why = Object.fromEntries(filled.map(({ name, why: reason }) => [name, reason]));
  await saveVariables(projectDir, values, why);
  return Object.keys(values);
}
