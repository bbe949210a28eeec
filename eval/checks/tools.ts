import { isDeepStrictEqual } from 'node:util';
import { check, type Check, expectThat } from '../task.ts';
import { callJson, posting, type Workspace } from '../workspace.ts';

export const executeTool = (workspace: Workspace, id: string, data: object): Promise<unknown> =>
  callJson(workspace, `/api/tools/${id}/execute`, posting({ data }));

export const toolReturns = (id: string, input: object, wanted: object): Check =>
  check(`tool ${id} returns ${JSON.stringify(wanted)} for ${JSON.stringify(input)}`, async ({ workspace }) => {
    const found = await executeTool(workspace, id, input);
    expectThat(includes(found, wanted), `it returns ${JSON.stringify(found)}`);
  });

export const toolIsGone = (id: string): Check =>
  check(`tool ${id} does not exist`, async ({ workspace }) => {
    const { status } = await workspace.call(`/api/tools/${id}`);
    expectThat(status === 404, `it answers ${status}`);
  });

/** All fields that are wanted are there; others may be beside them. */
export function includes(found: unknown, wanted: object): boolean {
  if (typeof found !== 'object' || found === null) return false;
  const fields = new Map<string, unknown>(Object.entries(found));
  return Object.entries(wanted).every(([name, value]) => isDeepStrictEqual(fields.get(name), value));
}
