import { Hono } from 'hono';
import * as z from 'zod/mini';
import { ApiError } from '../errors.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import type { Limits } from '../settings.ts';
import type { Turn } from '../turns/turn.ts';
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

type TurnRoutesOptions = { turns: Turns; sessions: SessionStore; limits: Limits };

/** What concerns the turns of a session. */
export function turnRoutes({ turns, sessions, limits }: TurnRoutesOptions): Hono {
  const app = new Hono();
  const schema = turnRequest(limits);

  app.post('/sessions/:id/turns', async (context) => {
    const session = await sessions.get(context.req.param('id'));
    const { tier, page, replaces, ...request } = await readBody(context, schema, limits);
    if (request.text.trim() === '' && request.attachments.length === 0) {
      throw new ApiError(400, 'empty_message', 'The message is empty.');
    }
    const { record } = await turns.start(session, { ...request, tier, page, replaces });
    return context.json({ turnId: record.turnId, userMessageId: record.userMessageId }, 202);
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

async function* follow({ log }: Pick<Turn, 'log'>, after: number, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  for await (const { sequence, chunk } of log.follow(after, signal)) {
    yield { id: sequence, data: JSON.stringify(chunk) };
  }
  yield { data: '[DONE]' };
}
