import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { AppError, ConflictError, ForbiddenError, InvalidInputError } from '../../lib/errors.ts';
import { NOT_SIGNED_IN } from '../../lib/mastra-proxy/decide.ts';
import { checkOrigin } from '../../lib/mastra-proxy/origin.ts';
import { orUnavailable } from './caller.ts';
import type { FrontContext } from './context.ts';
import { originFacts } from './mastra-route.ts';
import { readText } from './read-text.ts';
import { sendJson, sendRefusal } from './respond.ts';

/** Bytes. */
const BODY_LIMIT = 1024;

const bodySchema = z.object({ name: z.string() });

/** `POST /api/apps/open { name }`: an address that leads the person into one of their own apps, once. */
export async function handleOpenApp(context: FrontContext, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.method !== 'POST') {
    throw new AppError('method_not_allowed', 'Only POST is supported here.', { status: 405 });
  }
  const origin = checkOrigin(originFacts(req), context.ownOrigin);
  if (!origin.ok) throw new ForbiddenError('origin_refused', origin.message);
  const { services } = context;
  const session = await orUnavailable(services.verifySession(req.headers.cookie));
  if (session === null) return sendRefusal(res, NOT_SIGNED_IN);
  const { name } = readBody(await readText(req, BODY_LIMIT));
  const sandbox = await orUnavailable(services.findSandbox(session.userId));
  if (!sandbox) {
    throw new ConflictError('sandbox_missing', 'You have no workspace yet.', { next: 'Open /workspace to set it up.' });
  }
  const opened = services.apps.open({ userId: session.userId, session: session.id, sandbox: sandbox.id, name });
  sendJson(res, 200, { url: await orUnavailable(opened) });
}

function readBody(text: string): z.output<typeof bodySchema> {
  try {
    return bodySchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new InvalidInputError('invalid_body', 'The body has to be {"name": "<name of the app>"}.', { cause });
  }
}
