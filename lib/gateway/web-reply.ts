import type { Reply } from './errors.ts';

export type RequestContext = {
  /** Aborts when the caller is gone. */
  signal: AbortSignal;
  requestId: string;
  address?: string | null;
  /** Keeps the runtime alive for what goes on after the response, where it would stop otherwise. */
  waitUntil?: (work: Promise<unknown>) => void;
};

export function reply({ status, headers, body }: Reply, requestId: string): Response {
  return new Response(body, { status, headers: { ...headers, 'x-request-id': requestId } });
}
