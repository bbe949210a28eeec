import { myUsage } from '../../../../lib/usage/report/budget-states.ts';
import { answerJson } from '../../../_server/answer.ts';
import { memberRoute } from '../../../_server/route.ts';

/** How the caller's budget stands, for the widget. */
export const GET = memberRoute(async (_request, { context, session }) =>
  answerJson(await myUsage(context, session.userId)),
);
