import type { IncomingMessage } from 'node:http';
import { ENVD_PORT } from '../sandboxes/machines.ts';

export type Target = { sandboxId: string; port: number; envd: boolean };

const SANDBOX_ID = /^[a-z0-9]{1,40}$/;

/**
 * Which port of which sandbox a request is for: by the header E2b-Sandbox-Id (the SDK, whose envd base is one origin for
 * all sandboxes), or by a Host like `4111-<id>.<domain>`. Null means that the API itself is meant.
 */
export function findTarget(request: Pick<IncomingMessage, 'headers'>, domain: string): Target | null {
  const id = single(request.headers['e2b-sandbox-id']);
  if (id !== undefined) {
    const port = parsePort(single(request.headers['e2b-sandbox-port']) ?? String(ENVD_PORT));
    return { sandboxId: SANDBOX_ID.test(id) ? id : '', port, envd: port === ENVD_PORT };
  }
  const host = withoutPort(request.headers.host ?? '').toLowerCase();
  const suffix = `.${withoutPort(domain)}`;
  if (!host.endsWith(suffix)) return null;
  const match = /^(\d{1,5})-([a-z0-9]{1,40})$/.exec(host.slice(0, -suffix.length));
  if (!match?.[1] || !match[2]) return null;
  const port = parsePort(match[1]);
  return { sandboxId: match[2], port, envd: port === ENVD_PORT };
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '');
}

/** 0, on which nothing listens, for what is no port. */
function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port <= 65_535 ? port : 0;
}
