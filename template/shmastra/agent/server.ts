import { Hono } from 'hono';
import { answerError, ApiError } from './errors.ts';
import type { Models } from './models/model-offer.ts';
import { sessionRoutes } from './routes/session-routes.ts';
import { turnRoutes } from './routes/turn-routes.ts';
import type { SessionStore } from './sessions/session-store.ts';
import type { Limits } from './settings.ts';
import type { Turns } from './turns/turns.ts';

const API_VERSION = 1;

type ServerOptions = { turns: Turns; sessions: SessionStore; models: Models; limits: Limits; modules: Hono[] };

/** The chat API, as docs/chat-api.md describes it. */
export function createServer({ turns, sessions, models, limits, modules }: ServerOptions): Hono {
  const app = new Hono().basePath('/__shmastra/v1');
  app.onError(answerError);
  app.notFound((context) => context.json({ error: { code: 'not_found', message: 'There is nothing here.' } }, 404));

  app.use(async (context, next) => {
    const asked = context.req.header('x-shmastra-chat');
    // A link that a browser opens by itself, such as that of an export, has no such header.
    if (asked !== undefined && asked !== String(API_VERSION)) {
      throw new ApiError(426, 'version_not_spoken', 'This workspace speaks another version of the chat API.', {
        next: 'Reload the page.',
        versions: [API_VERSION],
      });
    }
    await next();
  });

  app.get('/info', async (context) => {
    const [offer, tiers] = await Promise.all([models.offer(), models.tiers()]);
    const { promptCharacters, attachmentBytes, attachments } = limits;
    return context.json({
      api: API_VERSION,
      demo: offer.demo,
      tiers,
      defaultTier: offer.default,
      limits: { promptCharacters, attachmentBytes, attachments },
    });
  });

  app.route('/', sessionRoutes({ turns, sessions, limits, onChange: () => {} }));
  app.route('/', turnRoutes({ turns, sessions, limits }));
  for (const module of modules) app.route('/', module);
  return app;
}
