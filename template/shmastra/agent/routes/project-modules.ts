import { Hono } from 'hono';
import type { ProjectControl } from '../../runner/project-control.ts';
import { appRoutes } from '../apps/routes.ts';
import { ApiError } from '../errors.ts';
import type { AgentEvents } from '../events.ts';
import type { History } from '../history/history.ts';
import { historyRoutes } from '../history/routes.ts';
import { commandEnvironment, runCommand } from '../project/run-command.ts';
import { transferRoutes } from '../transfer/routes.ts';
import type { Turns } from '../turns/turns.ts';

const INSTALL_MS = 10 * 60_000;

type ProjectModulesOptions = {
  projectDir: string;
  history: History;
  control: ProjectControl;
  turns: Turns;
  events: AgentEvents;
  environment: () => Record<string, string>;
};

/** What concerns the project as a whole: its history, its apps, export and import. */
export function projectModules({
  projectDir,
  history,
  control,
  turns,
  events,
  environment,
}: ProjectModulesOptions): Hono {
  const app = new Hono();
  const isTurnRunning = () => turns.running !== undefined;
  const afterChange = () => {
    events.emit({ type: 'history' });
    return control.goLive();
  };
  const installPackages = async () => {
    const env = commandEnvironment(process.env);
    const signal = new AbortController().signal;
    const { exitCode, output } = await runCommand('pnpm install', {
      cwd: projectDir,
      env,
      timeoutMs: INSTALL_MS,
      signal,
    });
    if (exitCode !== 0) throw new Error(output.slice(-2000));
  };

  // A turn that starts meanwhile would work on files that are just being changed.
  app.use(async (context, next) => {
    if (context.req.method === 'GET') return next();
    const done = turns.block();
    if (done === undefined) {
      throw new ApiError(409, 'turn_running', 'The agent is working. Nothing was changed.', {
        next: 'Stop it, or wait until it is done.',
      });
    }
    try {
      return await next();
    } finally {
      done();
    }
  });
  app.route('/', historyRoutes({ history, isTurnRunning, afterChange }));
  app.route(
    '/',
    transferRoutes({ history, projectDir, isTurnRunning, workspaceSecrets: environment, installPackages, afterChange }),
  );
  app.route('/', appRoutes({ projectDir }));
  return app;
}
