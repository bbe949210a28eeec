import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { SandboxManager } from '../sandboxes/manager.ts';
import type { SnapshotInfo, Snapshots } from '../sandboxes/types.ts';
import { BadRequestError, errorBody } from './errors.ts';
import { parse, readJson, sendJson } from './http.ts';
import { sandboxBody } from './representation.ts';
import { forkBody, snapshotBody } from './schemas.ts';

const COPY = /^\/sandboxes\/([a-z0-9]+)\/(fork|snapshots)\/?$/;
const LIST = /^\/snapshots\/?$/;
const PAGE_LIMIT = 100;

const Query = z.object({
  sandboxID: z.string().optional(),
  name: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT).default(PAGE_LIMIT),
  nextToken: z.string().optional(),
});

/** The calls that copy sandboxes, and the list of the copies. Resolves to false for a path that is not one of them. */
export function createSnapshotRoutes(
  manager: SandboxManager,
  snapshots: Snapshots,
  domain: (request: IncomingMessage) => string,
) {
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> => {
    if (request.method === 'GET' && LIST.test(url.pathname)) {
      const { sandboxID, name, limit, nextToken } = parse(Query, Object.fromEntries(url.searchParams));
      const after = nextToken ? decodeCursor(nextToken) : null;
      const left = snapshots.list({ sandboxID, name }).filter((snapshot) => after === null || isAfter(snapshot, after));
      const page = left.slice(0, limit);
      const last = page.at(-1);
      const headers = left.length > page.length && last ? { 'x-next-token': encodeCursor(last) } : undefined;
      sendJson(response, 200, page.map(snapshotInfo), headers);
      return true;
    }
    const [, id, verb] = request.method === 'POST' ? (COPY.exec(url.pathname) ?? []) : [];
    if (id === undefined) return false;
    if (verb === 'snapshots') {
      const { name } = await readJson(request, snapshotBody);
      sendJson(response, 201, snapshotInfo(await manager.snapshot(id, name ?? undefined)));
      return true;
    }
    const { timeout, count } = await readJson(request, forkBody);
    const results = await manager.fork(id, { timeoutSeconds: timeout, count });
    const bodies = results.map((result) =>
      'sandbox' in result
        ? { sandbox: sandboxBody(result.sandbox.record, domain(request)) }
        : { error: errorBody(result.error) },
    );
    sendJson(response, 201, bodies);
    return true;
  };
}

function snapshotInfo({ id, names }: SnapshotInfo) {
  return { snapshotID: id, names };
}

/** Snapshots are listed newest first. */
type Cursor = Pick<SnapshotInfo, 'createdAt' | 'templateID'>;

function isAfter(snapshot: Cursor, cursor: Cursor): boolean {
  if (snapshot.createdAt !== cursor.createdAt) return snapshot.createdAt < cursor.createdAt;
  return snapshot.templateID < cursor.templateID;
}

function encodeCursor({ createdAt, templateID }: Cursor): string {
  return Buffer.from(`${createdAt}__${templateID}`).toString('base64url');
}

function decodeCursor(token: string): Cursor {
  const match = /^(\d{4}-[0-9T:.Z-]{1,30})__([a-z0-9]+)$/.exec(Buffer.from(token, 'base64url').toString('latin1'));
  if (!match?.[1] || !match[2]) throw new BadRequestError('Invalid next token');
  return { createdAt: match[1], templateID: match[2] };
}
