import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { fileURLToPath } from 'node:url';

const WEB = fileURLToPath(new URL('../web.ts', import.meta.url));
const MAX_OUTPUT = 100_000;

export type Answer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  /** `name=value` pairs for the next request. */
  cookie: string;
};

export type Call = { method?: string; headers?: Record<string, string>; json?: unknown; form?: Record<string, string> };

/** The web process as in production, asked over its socket as the front does. */
export class WebProcess {
  readonly #env: NodeJS.ProcessEnv;
  readonly #socketPath: string;
  readonly #origin: string;
  #child: ChildProcess | undefined;
  output = '';

  constructor(options: { socketPath: string; origin: string; env: NodeJS.ProcessEnv }) {
    this.#socketPath = options.socketPath;
    this.#origin = options.origin;
    this.#env = { ...options.env, WEB_SOCKET: options.socketPath, PUBLIC_URL: options.origin };
  }

  /** Starts it and waits until it listens, or until it ends: then the exit code is returned. */
  async start(): Promise<'listening' | number | null> {
    const child = spawn(process.execPath, [WEB], {
      env: { PATH: process.env['PATH'], ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    return new Promise((resolve) => {
      const take = (chunk: Buffer) => {
        this.output = (this.output + chunk.toString()).slice(-MAX_OUTPUT);
        if (this.output.includes('web is listening')) resolve('listening');
      };
      child.stdout?.on('data', take);
      child.stderr?.on('data', take);
      child.once('close', (code) => resolve(code));
    });
  }

  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
    return child.exitCode ?? child.signalCode;
  }

  /** One request, with the headers that the front sets, and the Origin of our own pages unless told otherwise. */
  async call(path: string, { method, headers = {}, json, form }: Call = {}): Promise<Answer> {
    const body = json === undefined ? form && new URLSearchParams(form).toString() : JSON.stringify(json);
    const own = new URL(this.#origin);
    const outgoing = request({
      socketPath: this.#socketPath,
      path,
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        host: own.host,
        'x-forwarded-host': own.host,
        'x-forwarded-proto': own.protocol.slice(0, -1),
        'x-forwarded-for': '192.0.2.1',
        'x-request-id': 'test',
        origin: this.#origin,
        ...(body === undefined
          ? {}
          : { 'content-type': json === undefined ? 'application/x-www-form-urlencoded' : 'application/json' }),
        ...headers,
      },
    });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of incoming) text += String(chunk);
    const cookies = incoming.headers['set-cookie'] ?? [];
    return {
      status: incoming.statusCode ?? 0,
      headers: incoming.headers,
      body: text,
      cookie: cookies.map((cookie) => cookie.slice(0, cookie.indexOf(';'))).join('; '),
    };
  }
}
