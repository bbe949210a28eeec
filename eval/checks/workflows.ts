import { z } from 'zod';
import { check, type Check, expectThat } from '../task.ts';
import { callJson, posting } from '../workspace.ts';
import { includes } from './tools.ts';

const runSchema = z.looseObject({ status: z.string(), result: z.unknown().optional() });

export const workflowReturns = (id: string, inputData: object, wanted: object): Check =>
  check(`workflow ${id} returns ${JSON.stringify(wanted)} for ${JSON.stringify(inputData)}`, async ({ workspace }) => {
    const run = runSchema.parse(await callJson(workspace, `/api/workflows/${id}/start-async`, posting({ inputData })));
    expectThat(run.status === 'success', `the run ended as ${run.status}`);
    expectThat(includes(run.result, wanted), `it returns ${JSON.stringify(run.result)}`);
  });
