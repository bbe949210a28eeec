import { Hono } from 'hono';
import { answerError, ApiError } from '../errors.ts';
import type { AttachmentStore } from './attachment-store.ts';

const MAX_NAME = 1000;

/** `/attachments` of the chat API. */
export function attachmentRoutes(attachments: AttachmentStore): Hono {
  const routes = new Hono();
  routes.onError(answerError);
  routes.post('/attachments', async (context) => {
    const name = context.req.query('name') ?? '';
    if (name === '' || name.length > MAX_NAME) throw new ApiError(400, 'bad_request', 'The file needs a name.');
    const body = context.req.raw.body;
    const declared = Number(context.req.header('content-length') ?? 0);
    // Leaving the loop over the body early also ends the upload.
    return context.json(await attachments.add(name, body ?? nothing(), declared), 201);
  });
  return routes;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
