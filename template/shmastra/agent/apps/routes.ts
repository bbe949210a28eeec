import { Hono } from 'hono';
import { answerError } from '../errors.ts';
import { listApps } from './list-apps.ts';

/** `/apps` of the chat API. */
export function appRoutes({ projectDir }: { projectDir: string }): Hono {
  const routes = new Hono();
  routes.onError(answerError);
  routes.get('/apps', async (context) => context.json({ apps: await listApps(projectDir) }));
  return routes;
}
