import { z } from 'zod';
import { check, type Check, expectThat } from '../task.ts';
import { callJson, posting, type Workspace } from '../workspace.ts';

const agentSchema = z.looseObject({
  name: z.string(),
  instructions: z.unknown(),
  tools: z.record(z.string(), z.looseObject({ id: z.string().optional() })).optional(),
});
const answerSchema = z.looseObject({ text: z.string() });

export const agentsOf = async (workspace: Workspace): Promise<string[]> =>
  Object.keys(z.record(z.string(), z.unknown()).parse(await callJson(workspace, '/api/agents')));

/** As Studio sees it. Agents are listed under their ids. */
export const agentOf = async (workspace: Workspace, id: string) =>
  agentSchema.parse(await callJson(workspace, `/api/agents/${id}`));

export async function askAgent(workspace: Workspace, id: string, content: string, more: object = {}): Promise<string> {
  const body = { messages: [{ role: 'user', content }], ...more };
  return answerSchema.parse(await callJson(workspace, `/api/agents/${id}/generate`, posting(body))).text;
}

export const agentExists = (id: string): Check =>
  check(`agent ${id} exists`, async ({ workspace }) => void (await agentOf(workspace, id)));

export const agentIsGone = (id: string): Check =>
  check(`agent ${id} does not exist`, async ({ workspace }) => {
    const found = await agentsOf(workspace);
    expectThat(!found.includes(id), `there are ${found.join(', ')}`);
  });

export const agentAnswers = (id: string): Check =>
  check(`agent ${id} answers`, async ({ workspace }) => {
    const text = await askAgent(workspace, id, 'Hello!');
    expectThat(text.trim() !== '', 'the answer is empty');
  });

/** What an agent is told is code, and not words of the coding agent. */
export const agentIsTold = (id: string, what: RegExp): Check =>
  check(`agent ${id} is told ${what.source}`, async ({ workspace }) => {
    const told = JSON.stringify((await agentOf(workspace, id)).instructions);
    expectThat(what.test(told), `it is told ${told}`);
  });

export const agentHasTool = (id: string, tool: RegExp): Check =>
  check(`agent ${id} has tool ${tool.source}`, async ({ workspace }) => {
    const tools = Object.entries((await agentOf(workspace, id)).tools ?? {});
    const names = tools.flatMap(([name, { id: toolId }]) => [name, toolId ?? name]);
    expectThat(
      names.some((name) => tool.test(name)),
      `it has ${names.join(', ') || 'none'}`,
    );
  });
