import { Readable } from 'node:stream';
import { Hono } from 'hono';
import * as z from 'zod/mini';
import type { LiveResult } from '../../runner/project-control.ts';
import { answerError, ApiError } from '../errors.ts';
import type { History } from '../history/history.ts';
import type { Commit } from '../history/types.ts';
import { exportBundle } from './export-bundle.ts';
import { exportZip } from './export-zip.ts';
import { importProject } from './import-project.ts';
import { projectName } from './project-name.ts';
import { secretValues } from './secret-values.ts';

type TransferRoutesOptions = {
  history: History;
  projectDir: string;
  /** While the agent works, only it changes files. */
  isTurnRunning: () => boolean;
  /** Variables of the workspace whose values must not leave it, such as its virtual key. */
  workspaceSecrets: () => Record<string, string>;
  /** Runs `pnpm install`. A failure is told with the answer: the import stays, and can be undone. */
  installPackages: () => Promise<void>;
  /** Puts the files that changed on the air; the answer waits for it. */
  afterChange: (commit: Commit) => Promise<LiveResult>;
};

const query = z.object({ format: z._default(z.enum(['zip', 'bundle']), 'zip') });
const TYPES = { zip: 'application/zip', bundle: 'application/x-git-bundle' };

/** `/export` and `/import` of the chat API. */
export function transferRoutes(options: TransferRoutesOptions): Hono {
  const { history, projectDir, isTurnRunning, workspaceSecrets, installPackages, afterChange } = options;
  const routes = new Hono();
  routes.onError(answerError);

  const formatOf = (given: Record<string, string>) => {
    const parsed = query.safeParse(given);
    if (parsed.success) return parsed.data.format;
    throw new ApiError(400, 'bad_request', 'The format is either zip or bundle.');
  };

  routes.get('/export', async (context) => {
    const format = formatOf(context.req.query());
    const secrets = await secretValues(projectDir, workspaceSecrets());
    if (format === 'bundle' && !isTurnRunning() && (await history.state()) === 'changed') {
      // A bundle holds commits, and what is not committed belongs to the project too.
      await history.commitAll({ message: 'Edits by hand', kind: 'edits', by: 'you' });
    }
    const file =
      format === 'zip' ? await exportZip(history, projectDir, secrets) : await exportBundle(history, secrets);
    return context.body(Readable.toWeb(file) as ReadableStream, 200, {
      'content-type': TYPES[format],
      'content-disposition': `attachment; filename="${await projectName(projectDir)}.${format}"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });

  routes.post('/import', async (context) => {
    const format = formatOf(context.req.query());
    if (isTurnRunning()) {
      throw new ApiError(409, 'turn_running', 'The agent is working. Nothing was changed.', {
        next: 'Stop it, or wait until it is done.',
      });
    }
    const declaredBytes = Number(context.req.header('content-length') ?? 0);
    const body = context.req.raw.body;
    if (body === null) throw new ApiError(400, 'bad_request', 'There is no file to import.');
    const { commit, notes, packagesChanged } = await importProject(history, projectDir, {
      format,
      body,
      declaredBytes,
    });
    if (packagesChanged) notes.push(await install(installPackages));
    const live = await afterChange(commit);
    return context.json('error' in live ? { commit, notes, live: null, error: live.error } : { commit, notes, live });
  });
  return routes;
}

async function install(installPackages: () => Promise<void>): Promise<string> {
  try {
    await installPackages();
    return 'Its packages were installed';
  } catch (error) {
    console.error('The packages of an import could not be installed.', error);
    return 'Its packages could not be installed: run pnpm install in the terminal, or undo the import';
  }
}
