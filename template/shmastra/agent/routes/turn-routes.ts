import { Hono } from 'hono';
import * as z from 'zod/mini';
import type { Attachment } from '../documents/attachment.ts';
import type { AttachmentStore } from '../documents/attachment-store.ts';
import { ApiError } from '../errors.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import type { Limits } from '../settings.ts';
import type { StoredTurn } from '../turns/turn-files.ts';
import type { Turns } from '../turns/turns.ts';
import { eventStream, type ServerEvent } from './event-stream.ts';
import { readBody } from './read-body.ts';

const MAX_ANSWER = 20_000;
const turnRequest = (limits: Limits) =>
  z.object({
    clientId: z.string().check(z.minLength(8), z.maxLength(64)),
    text: z.string().check(z.maxLength(limits.promptCharacters)),
    attachments: z._default(z.array(z.string()).check(z.maxLength(limits.attachments)), []),
    tier: z.optional(z.enum(['fast', 'general', 'best', 'developer'])),
    page: z.optional(z.string().check(z.maxLength(500))),
    replaces: z.optional(z.string()),
  });
const skip = z.object({ skip: z.literal(true) });
const answer = z.string().check(z.maxLength(MAX_ANSWER));
const questionAnswer = z.union([skip, z.object({ answer: z.array(answer).check(z.maxLength(50)) })]);
const envAnswer = z.union([skip, z.object({ values: z.record(z.string(), answer) })]);

type TurnRoutesOptions = { turns: Turns; sessions: SessionStore; attachments: AttachmentStore; limits: Limits };

/** What concerns the turns of a session. */
export function turnRoutes({ turns, sessions, attachments, limits }: TurnRoutesOptions): Hono {
  const app = new Hono();
  const schema = turnRequest(limits);

  app.post('/sessions/:id/turns', async (context) => {
    const session = await sessions.get(context.req.param('id'));
    const { clientId, text, attachments: ids, tier, page, replaces } = await readBody(context, schema, limits);
    if (text.trim() === '' && ids.length === 0) throw new ApiError(400, 'empty_message', 'The message is empty.');
    const attached = await Promise.all(ids.map((id) => find(attachments, id)));
    const request = { clientId, text, attachments: attached, tier, page, replaces };
    const { turnId, userMessageId } = await turns.start(session, request);
    return context.json({ turnId, userMessageId }, 202);
  });

  app.get('/sessions/:id/turns/:turnId/stream', async (context) => {
    const { id, turnId } = context.req.param();
    const turn = await turns.find(id, turnId);
    const after = Number(context.req.query('after') ?? context.req.header('last-event-id') ?? 0);
    return eventStream((signal) => follow(turn, Number.isSafeInteger(after) ? after : 0, signal));
  });

  app.post('/sessions/:id/stop', (context) => {
    turns.runningIn(context.req.param('id')).stop();
    return context.body(null, 202);
  });

  app.post('/sessions/:id/questions/:questionId', async (context) => {
    const { id, questionId } = context.req.param();
    turns.runningIn(id).questions.answer(questionId, await readBody(context, questionAnswer, limits));
    return context.body(null, 202);
  });

  app.post('/sessions/:id/env/:requestId', async (context) => {
    const { id, requestId } = context.req.param();
    turns.runningIn(id).environment.answer(requestId, await readBody(context, envAnswer, limits));
    return context.body(null, 202);
  });

  return app;
}

async function find(attachments: AttachmentStore, id: string): Promise<Attachment> {
  const stored = await attachments.find(id);
  if (stored !== undefined) return stored.attachment;
  throw new ApiError(404, 'attachment_not_found', 'An attached file is gone.', { next: 'Attach it again.' });
}

async function* follow({ log }: StoredTurn, after: number, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  for await (const { sequence, chunk } of log.follow(after, signal)) {
    yield { id: sequence, data: JSON.stringify(chunk) };
  }
  yield { data: '[DONE]' };
}
