import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { Context } from '../../lib/context.ts';
import { AppError, InvalidInputError, UnauthorizedError } from '../../lib/errors.ts';
import { recordHealReport } from '../../lib/sandbox/index.ts';
import type { KeyResolver } from '../../lib/virtual-keys/index.ts';
import { orUnavailable } from './caller.ts';
import { readText } from './read-text.ts';
import { sendJson } from './respond.ts';
import type { Route } from './router.ts';

/** A healer reports changes; this many of one key within the window is a program gone wild. */
const REPORTS = 20;
const WINDOW_MS = 60_000;
const BODY_LIMIT = 16 * 1024;

/** `POST /api/sandbox/heal`: reports of the healer in a sandbox, by the sandbox's own virtual key. */
export function createHealRoute(context: Pick<Context, 'database'>, keys: Pick<KeyResolver, 'resolveKey'>): Route {
  const counts = new LRUCache<string, number>({ max: 10_000, ttl: WINDOW_MS, noUpdateTTL: true });
  return async (_facts, req: IncomingMessage, res: ServerResponse) => {
    if (req.method !== 'POST') {
      throw new AppError('method_not_allowed', 'Only POST is supported here.', { status: 405 });
    }
    const key = /^bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
    if (key === undefined) throw new UnauthorizedError('unknown_key', 'The virtual key of the sandbox is needed.');
    const body = parse(await readText(req, BODY_LIMIT));
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count > REPORTS) {
      throw new AppError('too_many_reports', 'Too many reports.', { status: 429, retryAfterSeconds: WINDOW_MS / 1000 });
    }
    const { database } = context;
    const report = recordHealReport({ database, resolveKey: keys.resolveKey }, { key, body });
    sendJson(res, 200, await orUnavailable(report));
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new InvalidInputError('invalid_report', 'The report is not JSON.', { cause });
  }
}
