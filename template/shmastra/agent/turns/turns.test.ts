import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { AttachmentStore } from '../documents/attachment-store.ts';
import { answerError } from '../errors.ts';
import { Models } from '../models/model-offer.ts';
import { turnRoutes } from '../routes/turn-routes.ts';
import { SessionStore } from '../sessions/session-store.ts';
import { readAgentSettings } from '../settings.ts';
import { Turns } from './turns.ts';

let dataDir: string;
let app: Hono;
let turns: Turns;
let session: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'turns-'));
  const { limits } = readAgentSettings({ SHMASTRA_PROJECT_DIR: dataDir });
  const sessions = new SessionStore(join(dataDir, 'agent.db'));
  const models = new Models(() => ({}));
  turns = new Turns({
    ...{ dataDir, sessions, models, limits },
    // A turn that ends at once.
    prepare: () => Promise.reject(new Error('nothing to do')),
    keep: async () => {},
  });
  const attachments = new AttachmentStore({ dataDir, maxBytes: limits.attachmentBytes });
  app = turnRoutes({ turns, sessions, attachments, limits });
  app.onError(answerError);
  session = (await sessions.create()).id;
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const ask = () =>
  app.request(`/sessions/${session}/turns`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ clientId: randomUUID(), text: 'Hello' }),
  });

test('a turn is over when its stream says so: the next one starts at once', async () => {
  for (let count = 0; count < 5; count++) {
    const started = await ask();
    expect(started.status).toBe(202);
    const { turnId } = z.object({ turnId: z.string() }).parse(await started.json());
    const { body } = await app.request(`/sessions/${session}/turns/${turnId}/stream`);
    let text = '';
    for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += piece;
      if (text.includes('data: [DONE]')) break;
    }
    expect(text).toContain('data: [DONE]');
    // So may an undo.
    const done = turns.block();
    expect(done).toBeDefined();
    done?.();
  }
});
