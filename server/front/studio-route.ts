import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, NotFoundError } from '../../lib/errors.ts';
import { signInUrl, workspaceUrl } from '../../lib/mastra-proxy/return-to.ts';
import { identifyCaller } from './caller.ts';
import type { FrontContext, RequestFacts } from './context.ts';
import { readySandbox } from './ready-sandbox.ts';
import { sendRedirect } from './respond.ts';
import type { StudioFiles } from './studio-files.ts';

const INDEX = 'index.html';

/** `/studio/*`: public, cacheable files; the page itself only for a person whose sandbox is ready. */
export async function handleStudio(
  context: FrontContext,
  studio: StudioFiles,
  facts: RequestFacts & { below: string },
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    throw new AppError('method_not_allowed', 'Only GET is supported here.', { status: 405 });
  }
  const file = facts.below.replace(/^\//, '');
  // Studio's own reload stream is not used; 204 tells an EventSource to stop asking.
  if (file === 'refresh-events') {
    res.writeHead(204).end();
    return;
  }
  if (file !== '' && file !== INDEX && studio.has(file)) return studio.send(file, req, res);
  // A missing script must not be answered with a page: an old tab would run HTML.
  if (file.startsWith('assets/') || /\.(?:js|css|map|svg|woff2?|ttf|png)$/.test(file)) {
    throw new NotFoundError('not_found', 'Studio has no such file.');
  }
  await sendApp(context, studio, facts, req, res);
}

async function sendApp(
  context: FrontContext,
  studio: StudioFiles,
  facts: RequestFacts,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const caller = await identifyCaller(context.services, req);
  if (caller.state !== 'member') return sendRedirect(res, signInUrl(facts.path, facts.query));
  const ready = await readySandbox(context, caller.userId, 'navigation');
  if ('action' in ready) return sendRedirect(res, workspaceUrl(facts.path, facts.query));
  studio.send(INDEX, req, res);
}
