import type { IncomingMessage, ServerResponse } from 'node:http';

export type DoubleCall = {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  /** The whole body as text, one character per byte. */
  body: string;
  /** The caller of the double closed the connection before the answer was whole. */
  cut: boolean;
};

export type Exchange = { call: DoubleCall; body: Record<string, unknown>; res: ServerResponse };

export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  res.end(text);
}

/** Sends events, slowly or only half of them when the model's name asks for it. */
export async function sendEvents(exchange: Exchange, events: readonly string[]): Promise<void> {
  const { res, body, call } = exchange;
  const model = `${String(body['model'] ?? '')}${call.url}`;
  const list = model.includes('truncated') ? events.slice(0, events.length / 2) : events;
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  for (const event of list) {
    if (res.destroyed) return;
    await new Promise<void>((done) => void res.write(event, () => done()));
    if (model.includes('slow')) await new Promise((done) => setTimeout(done, 20));
  }
  if (list.length < events.length) res.destroy();
  else res.end();
}

/** The tool that an answer calls: the first that is offered, as long as no result of one was sent. */
export function toolToCall(body: Record<string, unknown>): string | null {
  const text = JSON.stringify(body);
  if (/"role":"tool"|"tool_result"|function_call_output|functionResponse/.test(text)) return null;
  return /"name":"([A-Za-z_]\w*)"/.exec(JSON.stringify(body['tools'] ?? []))?.[1] ?? null;
}
