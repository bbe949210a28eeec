import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Context } from '../../lib/context.ts';
import { AppError, ConflictError, InvalidInputError, UnauthorizedError } from '../../lib/errors.ts';
import { recordEvent } from '../../lib/sandbox/events.ts';
import type { KeyResolver } from '../../lib/virtual-keys/index.ts';
import { orUnavailable } from './caller.ts';
import { readText } from './read-text.ts';
import { sendJson } from './respond.ts';
import type { Route } from './router.ts';

/** A healer reports changes; more than this is a program gone wild. Milliseconds between reports of one sandbox. */
const EVERY_MS = 2000;
const BODY_LIMIT = 16 * 1024;

const reportSchema = z.object({
  sandboxId: z.string().max(64),
  epoch: z.number().int().positive(),
  state: z.string().max(40),
  attempt: z.number().int().min(0).max(1000),
  cause: z.string().max(4000),
});

/** `POST /api/sandbox/heal`: what the healer in a sandbox sees goes into the sandbox's history. */
export function createHealRoute(context: Pick<Context, 'database'>, keys: Pick<KeyResolver, 'resolveKey'>): Route {
  const recent = new LRUCache<string, true>({ max: 10_000, ttl: EVERY_MS });
  return async (_facts, req: IncomingMessage, res: ServerResponse) => {
    if (req.method !== 'POST') {
      throw new AppError('method_not_allowed', 'Only POST is supported here.', { status: 405 });
    }
    const plain = /^bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
    const key = plain === undefined ? null : await orUnavailable(keys.resolveKey(plain));
    // A guest's key may use models, not speak for the sandbox.
    if (!key || key.kind !== 'sandbox' || key.sandbox === null) {
      throw new UnauthorizedError('invalid_key', 'The virtual key of the sandbox is needed.');
    }
    const report = parse(await readText(req, BODY_LIMIT));
    if (recent.has(key.sandbox)) {
      throw new AppError('too_many_reports', 'Too many reports.', { status: 429, retryAfterSeconds: EVERY_MS / 1000 });
    }
    recent.set(key.sandbox, true);
    const row = await orUnavailable(
      context.database.db.selectFrom('sandboxes').selectAll().where('id', '=', key.sandbox).executeTakeFirst(),
    );
    // A late message of a sandbox that was replaced must not speak for its successor.
    if (!row || row.sandbox_id !== report.sandboxId || row.epoch !== report.epoch) {
      throw new ConflictError('stale_report', 'The report is about a sandbox that is no longer this one.');
    }
    const { state, attempt, cause } = report;
    await orUnavailable(
      recordEvent(context.database.db, row, {
        kind: 'heal',
        by: { kind: 'sandbox', id: report.sandboxId },
        reason: `The healer reports: ${state}`,
        details: { state, attempt, cause },
      }),
    );
    sendJson(res, 200, { status: row.status });
  };
}

function parse(text: string): z.infer<typeof reportSchema> {
  try {
    return reportSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new InvalidInputError('invalid_report', 'The report cannot be read.', { cause });
  }
}
