import { z } from 'zod';

import { setRoleModels } from '../../../../../lib/usage/manage/limits.ts';
import { answerJson } from '../../../../_server/answer.ts';
import { readBody } from '../../../../_server/body.ts';
import { adminRoute } from '../../../../_server/route.ts';
import { adminOf } from '../admin.ts';
import { modelPatterns } from './patterns.ts';

const schema = z.strictObject({ role: z.enum(['member', 'admin']), models: modelPatterns.nullable() });

/** Which models the people of a role may use; null: those of the settings. */
export const PUT = adminRoute(async (request, { context, session }) => {
  const { value } = await readBody(request, schema);
  await setRoleModels(context, value.role, value.models, adminOf(request, session));
  return answerJson({ done: true });
});
