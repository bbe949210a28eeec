import { Hono } from 'hono';
import type { AttachmentStore } from './documents/attachment-store.ts';
import { answerError, ApiError } from './errors.ts';
import type { AgentEvent, AgentEvents } from './events.ts';
import type { Models } from './models/model-offer.ts';
import { attachmentRoutes } from './documents/routes.ts';
import { eventStream, type ServerEvent } from './routes/event-stream.ts';
import { sessionRoutes } from './routes/session-routes.ts';
import { turnRoutes } from './routes/turn-routes.ts';
import type { SessionStore } from './sessions/session-store.ts';
import type { Limits } from './settings.ts';
import type { Turns } from './turns/turns.ts';

const API_VERSION = 1;

type ServerOptions = {
  turns: Turns;
  sessions: SessionStore;
  attachments: AttachmentStore;
  models: Models;
  events: AgentEvents;
  limits: Limits;
  /** The history, apps, export and import. */
  project: Hono;
};

/** The chat API, as docs/chat-api.md describes it. */
export function createServer(options: ServerOptions): Hono {
  const { models, events, limits } = options;
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

  app.get('/events', () => {
    if (events.full) throw new ApiError(503, 'too_many_followers', 'Too many tabs are open.', { next: 'Close some.' });
    return eventStream((signal) => asServerEvents(events.follow(signal)));
  });

  app.route('/', sessionRoutes({ ...options, onChange: () => events.emit({ type: 'sessions' }) }));
  app.route('/', turnRoutes(options));
  app.route('/', attachmentRoutes(options.attachments));
  app.route('/', options.project);
  return app;
}

async function* asServerEvents(events: AsyncIterable<AgentEvent>): AsyncGenerator<ServerEvent> {
  for await (const event of events) yield { data: JSON.stringify(event) };
}
