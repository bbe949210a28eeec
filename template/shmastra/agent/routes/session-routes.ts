import { Hono } from 'hono';
import * as z from 'zod/mini';
import type { Session, SessionStore } from '../sessions/session-store.ts';
import type { Limits } from '../settings.ts';
import { ApiError } from '../errors.ts';
import type { Turns } from '../turns/turns.ts';
import { readBody } from './read-body.ts';

const titleBody = z.object({ title: z.string().check(z.trim(), z.minLength(1), z.maxLength(200)) });

type SessionRoutesOptions = { turns: Turns; sessions: SessionStore; limits: Limits; onChange: () => void };

export function sessionRoutes({ turns, sessions, limits, onChange }: SessionRoutesOptions): Hono {
  const app = new Hono();
  const runningId = () => turns.running?.record.sessionId;
  const shown = (session: Session) => ({ ...session, running: session.id === runningId() });

  app.get('/sessions', async (context) => context.json({ sessions: (await sessions.list()).map(shown) }));

  app.post('/sessions', async (context) => {
    const session = await sessions.create();
    onChange();
    return context.json({ session: shown(session) }, 201);
  });

  app.get('/sessions/:id', async (context) => {
    const session = await sessions.get(context.req.param('id'));
    const messages = await sessions.shown(session.id);
    const { running } = turns;
    const turnId = running?.record.sessionId === session.id ? running.record.turnId : undefined;
    return context.json({ session: shown(session), messages, running: turnId === undefined ? null : { turnId } });
  });

  app.patch('/sessions/:id', async (context) => {
    const { title } = await readBody(context, titleBody, limits);
    const session = await sessions.rename(context.req.param('id'), title);
    onChange();
    return context.json({ session: shown(session) });
  });

  app.delete('/sessions/:id', async (context) => {
    const id = context.req.param('id');
    if (id === runningId()) {
      throw new ApiError(409, 'turn_running', 'The agent is working in this chat.', { next: 'Stop it first.' });
    }
    await sessions.remove(id);
    await turns.forget(id);
    onChange();
    return context.body(null, 204);
  });

  return app;
}
