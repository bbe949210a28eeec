import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Sample } from '../samples/history.ts';
import type { Sampler } from '../samples/sampler.ts';
import { BadRequestError } from './errors.ts';
import { parse, sendJson } from './http.ts';

const ONE = /^\/sandboxes\/([a-z0-9]+)(?:-[a-z0-9]+)?\/metrics\/?$/;
const LIST = /^\/sandboxes\/metrics\/?$/;
const MAX_SANDBOXES = 100;

const seconds = z.coerce.number().int().min(0);
/** Unix seconds. */
const Range = z.object({ start: seconds.default(0), end: seconds.optional() });

/** What sandboxes use and used. As with E2B a sandbox that is not there has no samples: that is no error. */
export function createMetricsRoutes(sampler: Sampler) {
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> => {
    if (request.method !== 'GET') return false;
    if (LIST.test(url.pathname)) {
      sendJson(response, 200, { sandboxes: latestOf(sampler, url.searchParams) });
      return true;
    }
    const id = ONE.exec(url.pathname)?.[1];
    if (id === undefined) return false;
    const { start, end } = parse(Range, Object.fromEntries(url.searchParams));
    if (end !== undefined && end < start) throw new BadRequestError('Invalid time range for metrics');
    // The whole second that is named as the end belongs to it.
    const samples = sampler.between(id, start * 1000, end === undefined ? Infinity : end * 1000 + 999);
    sendJson(response, 200, samples.map(metricBody));
    return true;
  };
}

function latestOf(sampler: Sampler, query: URLSearchParams) {
  if (!query.has('sandbox_ids')) throw new BadRequestError('Query argument sandbox_ids is required, but not found');
  const ids = query.getAll('sandbox_ids').flatMap((text) => text.split(','));
  if (ids.length > MAX_SANDBOXES) {
    throw new BadRequestError(`Too many sandboxes requested, maximum is ${MAX_SANDBOXES}`);
  }
  if (!ids.every((id) => /^[a-z0-9]+(-[a-z0-9]+)?$/.test(id))) throw new BadRequestError('Invalid sandbox ID');
  const found = ids.map((id) => id.replace(/-.*/, '')).map((id) => [id, sampler.latest(id)] as const);
  return Object.fromEntries(found.flatMap(([id, sample]) => (sample ? [[id, metricBody(sample)]] : [])));
}

function metricBody({ at, ...sample }: Sample) {
  return { timestamp: new Date(at).toISOString(), timestampUnix: Math.floor(at / 1000), ...sample };
}
