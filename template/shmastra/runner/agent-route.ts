import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { AgentProcess } from './agent-process.ts';
import { sendError } from './answers.ts';
import { Backoff } from './backoff.ts';
import type { Environment } from './environment.ts';
import type { Log } from './log.ts';
import type { ProjectControl } from './project-control.ts';

/** Below this path the coding agent answers. */
export const AGENT_MOUNT = '/__shmastra/v1/';

const CHECK_MS = 5000;
/** Headers that concern one connection only, and the token, which the agent gets from the runner. */
const DROPPED = new Set(['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'authorization']);

type AgentRouteOptions = {
  projectDir: string;
  control: ProjectControl;
  log: Log;
  /** The process ends after so long without a request and without a turn. */
  idleSeconds: number;
  /** The port that the runner listens on. */
  port: () => number;
};

/** Starts the process of the coding agent when it is asked for, ends it when nobody needs it, and passes requests on. */
export class AgentRoute {
  readonly #options: AgentRouteOptions;
  readonly #backoff = new Backoff();
  readonly #timer: NodeJS.Timeout;
  #environment: Environment | undefined;
  #process: AgentProcess | undefined;
  #starting: Promise<AgentProcess | undefined> | undefined;
  #open = 0;
  #idleChecks = 0;
  #blockedUntil = 0;
  #closed = false;

  constructor(options: AgentRouteOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#endIfIdle(), CHECK_MS);
    this.#timer.unref();
  }

  setEnvironment(environment: Environment): void {
    this.#environment = environment;
    this.#process?.configure({ environment, port: this.#options.port() });
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#open++;
    this.#idleChecks = 0;
    response.once('close', () => this.#open--);
    const agent = await this.#ready();
    if (response.destroyed) return;
    if (agent === undefined) {
      return sendError(response, 503, 'agent_starting', 'The coding agent is not ready yet.', this.#retryAfter());
    }
    forward(request, response, agent);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    const agent = this.#process ?? (await this.#starting);
    await agent?.stop();
  }

  async #ready(): Promise<AgentProcess | undefined> {
    if (this.#process?.alive) return this.#process;
    if (this.#closed || this.#environment === undefined || performance.now() < this.#blockedUntil) return undefined;
    this.#starting ??= this.#start(this.#environment).finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  async #start(environment: Environment): Promise<AgentProcess | undefined> {
    const { projectDir, control, log, port } = this.#options;
    const started = performance.now();
    const agent = new AgentProcess(projectDir, control);
    agent.configure({ environment, port: port() });
    void agent.exited.then((reason) => this.#ended(agent, reason));
    if (!(await agent.listening)) return undefined;
    this.#process = agent;
    log('info', 'the coding agent is ready', { ms: Math.round(performance.now() - started) });
    return agent;
  }

  #ended(agent: AgentProcess, reason: string): void {
    if (this.#process === agent) this.#process = undefined;
    const planned = reason === 'stopped' || reason === 'idle';
    this.#options.log(planned ? 'info' : 'error', 'the coding agent has ended', { reason });
    if (!planned) this.#blockedUntil = performance.now() + this.#backoff.next();
  }

  #retryAfter(): number {
    return Math.max(1, Math.ceil((this.#blockedUntil - performance.now()) / 1000));
  }

  // Counts checks rather than looks at the clock, which goes on while a sandbox is paused.
  #endIfIdle(): void {
    const agent = this.#process;
    if (agent === undefined || this.#open > 0 || agent.busy) this.#idleChecks = 0;
    else if (++this.#idleChecks * CHECK_MS >= this.#options.idleSeconds * 1000) {
      this.#process = undefined;
      void agent.stop('idle');
    }
  }
}

/** Passes a request on, byte for byte and no faster than either side reads. */
function forward(request: IncomingMessage, response: ServerResponse, { socketPath, agent }: AgentProcess): void {
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !DROPPED.has(name)));
  if (request.headers['transfer-encoding'] !== undefined) headers['transfer-encoding'] = 'chunked';
  const upstream = httpRequest({ socketPath, agent, method: request.method, path: request.url, headers });
  let answered = false;
  upstream.on('response', (answer) => {
    answered = true;
    response.writeHead(answer.statusCode ?? 502, withoutDropped(answer.rawHeaders));
    response.flushHeaders();
    answer.pipe(response);
    answer.on('error', () => response.destroy());
    answer.on('aborted', () => response.destroy());
  });
  upstream.on('error', () => {
    request.unpipe(upstream);
    request.resume();
    // An answer that came before the whole body was sent, such as that it is too large, is an answer.
    if (answered) return;
    sendError(response, 502, 'agent_stopped', 'The coding agent stopped while it answered. Try again.', 1);
  });
  response.once('close', () => {
    if (!response.writableFinished) upstream.destroy();
  });
  request.pipe(upstream);
}

function withoutDropped(rawHeaders: string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!DROPPED.has(name.toLowerCase())) kept.push(name, rawHeaders[index + 1] ?? '');
  }
  return kept;
}
