import * as z from 'zod/mini';
import { API_VERSION, ApiFailure, failureOf, offlineFailure } from './failure.ts';
import * as shapes from './shapes.ts';

export const API_BASE = '/api/mastra/__shmastra/v1';
export const API_HEADERS = { 'x-shmastra-chat': String(API_VERSION) };

export type TurnRequest = {
  clientId: string;
  text: string;
  attachments?: string[];
  tier?: shapes.Tier['id'];
  page?: string;
  replaces?: string;
};

type Call = {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  raw?: Blob;
  signal?: AbortSignal;
  /** Milliseconds. */
  timeoutMs?: number;
  keepalive?: boolean;
};

export type ChatClient = ReturnType<typeof createClient>;
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const READ_MS = 20_000;
/** A POST may wake the sandbox and start the agent first. */
const WRITE_MS = 90_000;

/** Calls of the chat API, each answer checked. Failures are ApiFailure. */
export function createClient(fetch: Fetch, base = API_BASE) {
  async function send(path: string, call: Call = {}): Promise<Response> {
    const method = call.method ?? 'GET';
    const timeout = AbortSignal.timeout(call.timeoutMs ?? (method === 'GET' ? READ_MS : WRITE_MS));
    const headers: Record<string, string> = { ...API_HEADERS };
    if (call.body !== undefined) headers['content-type'] = 'application/json';
    let answer: Response;
    try {
      answer = await fetch(base + path, {
        method,
        headers,
        body: call.raw ?? (call.body === undefined ? null : JSON.stringify(call.body)),
        signal: call.signal ? AbortSignal.any([call.signal, timeout]) : timeout,
        ...(call.keepalive ? { keepalive: true } : {}),
      });
    } catch (error) {
      if (call.signal?.aborted) throw error;
      throw offlineFailure();
    }
    if (answer.ok) return answer;
    throw failureOf(answer.status, await answer.json().catch(() => null), answer.headers.get('retry-after'));
  }

  async function read<T>(schema: z.ZodMiniType<T>, path: string, call?: Call): Promise<T> {
    const answer = await send(path, call);
    const parsed = schema.safeParse(await answer.json().catch(() => null));
    if (parsed.success) return parsed.data;
    throw new ApiFailure('refused', 'unreadable', 'The workspace answered something that this page cannot read.');
  }

  const id = encodeURIComponent;
  const session = z.object({ session: shapes.sessionSchema });
  return {
    info: () => read(shapes.infoSchema, '/info'),
    sessions: async () => (await read(z.object({ sessions: z.array(shapes.sessionSchema) }), '/sessions')).sessions,
    createSession: async () => (await read(session, '/sessions', { method: 'POST', body: {} })).session,
    renameSession: async (sessionId: string, title: string) =>
      (await read(session, `/sessions/${id(sessionId)}`, { method: 'PATCH', body: { title } })).session,
    deleteSession: (sessionId: string, keepalive = false) =>
      send(`/sessions/${id(sessionId)}`, { method: 'DELETE', keepalive }),
    session: (sessionId: string, signal?: AbortSignal) =>
      read(
        z.object({
          session: shapes.sessionSchema,
          messages: z.array(shapes.messageSchema),
          running: z.nullable(z.object({ turnId: z.string() })),
        }),
        `/sessions/${id(sessionId)}`,
        signal ? { signal } : {},
      ),
    startTurn: (sessionId: string, body: TurnRequest) =>
      read(z.object({ turnId: z.string(), userMessageId: z.string() }), `/sessions/${id(sessionId)}/turns`, {
        method: 'POST',
        body,
      }),
    stop: (sessionId: string) => send(`/sessions/${id(sessionId)}/stop`, { method: 'POST', body: {} }),
    answer: (sessionId: string, questionId: string, body: { answer: string[] } | { skip: true }) =>
      send(`/sessions/${id(sessionId)}/questions/${id(questionId)}`, { method: 'POST', body }),
    saveEnv: (sessionId: string, requestId: string, body: { values: Record<string, string> } | { skip: true }) =>
      send(`/sessions/${id(sessionId)}/env/${id(requestId)}`, { method: 'POST', body }),
    history: (before?: string) =>
      read(shapes.historySchema, `/history?limit=50${before ? `&before=${id(before)}` : ''}`),
    commitDiff: (hash: string) =>
      read(
        z.object({ commit: z.nullish(shapes.commitSchema), files: z.array(shapes.fileDiffSchema) }),
        `/history/${id(hash)}`,
      ),
    undo: () => read(shapes.changeSchema, '/history/undo', { method: 'POST', body: {} }),
    redo: () => read(shapes.changeSchema, '/history/redo', { method: 'POST', body: {} }),
    restore: (hash: string) => read(shapes.changeSchema, '/history/restore', { method: 'POST', body: { hash } }),
    apps: async () => (await read(z.object({ apps: z.array(shapes.appSchema) }), '/apps')).apps,
    exportProject: async (format: 'zip' | 'bundle') => {
      const answer = await send(`/export?format=${format}`, { timeoutMs: 180_000 });
      return { blob: await answer.blob(), name: fileNameOf(answer.headers.get('content-disposition'), format) };
    },
    importProject: (format: 'zip' | 'bundle', file: Blob) =>
      read(shapes.changeSchema, `/import?format=${format}`, { method: 'POST', raw: file, timeoutMs: 300_000 }),
  };
}

function fileNameOf(disposition: string | null, format: 'zip' | 'bundle'): string {
  const name = /filename="([\w.-]{1,100})"/.exec(disposition ?? '')?.[1];
  return name ?? `project.${format}`;
}
