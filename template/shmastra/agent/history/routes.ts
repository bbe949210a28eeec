import { Hono } from 'hono';
import * as z from 'zod/mini';
import type { LiveResult } from '../../runner/project-control.ts';
import { answerError, ApiError } from '../errors.ts';
import type { History } from './history.ts';
import type { Commit } from './types.ts';

type HistoryRoutesOptions = {
  history: History;
  /** While the agent works, only it changes files. */
  isTurnRunning: () => boolean;
  /** Puts the files that changed on the air; the answer waits for it. */
  afterChange: (commit: Commit) => Promise<LiveResult>;
};

const listQuery = z.object({
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(200)), 50),
  before: z.optional(z.string()),
});
const restoreBody = z.object({ hash: z.string().check(z.maxLength(64)) });

/** `/history` of the chat API. */
export function historyRoutes({ history, isTurnRunning, afterChange }: HistoryRoutesOptions): Hono {
  const routes = new Hono();
  routes.onError(answerError);

  const change = async (work: () => Promise<Commit>) => {
    if (isTurnRunning()) {
      throw new ApiError(409, 'turn_running', 'The agent is working. Nothing was changed.', {
        next: 'Stop it, or wait until it is done.',
      });
    }
    const commit = await work();
    const live = await afterChange(commit);
    return 'error' in live ? { commit, live: null, error: live.error } : { commit, live };
  };

  routes.get('/history', async (context) => {
    const query = listQuery.safeParse(context.req.query());
    if (!query.success) throw new ApiError(400, 'bad_request', z.prettifyError(query.error));
    const { limit, before } = query.data;
    return context.json(await history.page({ limit, ...(before === undefined ? {} : { before }) }));
  });
  routes.get('/history/:hash', async (context) => context.json(await history.diff(context.req.param('hash'))));
  routes.post('/history/undo', async (context) => context.json(await change(() => history.undo())));
  routes.post('/history/redo', async (context) => context.json(await change(() => history.redo())));
  routes.post('/history/restore', async (context) => {
    const body = restoreBody.safeParse(await context.req.json().catch(() => undefined));
    if (!body.success) throw new ApiError(400, 'bad_request', 'Say which version to restore.');
    return context.json(await change(() => history.restore(body.data.hash)));
  });
  return routes;
}
