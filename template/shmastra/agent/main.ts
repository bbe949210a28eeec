import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { defaultGateways, PROVIDER_REGISTRY } from '@mastra/core/llm';
import { adjustModelRegistry } from '../runner/app/model-registry.ts';
import { AttachmentStore } from './documents/attachment-store.ts';
import { AgentEvents } from './events.ts';
import { History } from './history/history.ts';
import { parseToAgent, type FromAgent } from './messages.ts';
import { Models } from './models/model-offer.ts';
import { readEnvFilesNow } from './project/env-files.ts';
import { ProjectServer } from './project/project-server.ts';
import { RemoteControl } from './remote-control.ts';
import { projectModules } from './routes/project-modules.ts';
import { createServer } from './server.ts';
import { SessionStore } from './sessions/session-store.ts';
import { readAgentSettings } from './settings.ts';
import { SkillLibrary } from './skills/skill-library.ts';
import { Redactor } from './tools/redactor.ts';
import { keepRest, prepareTurn } from './turns/prepare-turn.ts';
import { Turns } from './turns/turns.ts';

// The process of the coding agent: answers the chat API on the socket that the runner names. It is a process of its own,
// so that neither the project's code nor the agent can take the other along.

const STOP_MS = 8000;

const [socketPath] = process.argv.slice(2);
if (process.send === undefined || socketPath === undefined) throw new Error('the runner starts this file');

// A runner that is gone must not leave its agent behind; what the turn has done is on disk, and the log says how far it came.
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
process.on('SIGTERM', () => void stop());
process.on('unhandledRejection', (reason) => console.error('A promise was rejected and nobody handled it.', reason));

const send = (message: FromAgent) => process.send?.(message, undefined, undefined, () => {});
const control = new RemoteControl(send);
const settings = readAgentSettings();
let environment: Record<string, string> = {};
let port = 0;
let listening = false;
let stopping = false;
const configured = new Promise<void>((resolve) => {
  process.on('message', (raw) => {
    const message = parseToAgent(raw);
    if (message?.type === 'ping') send({ type: 'pong' });
    else if (message?.type === 'stop') void stop();
    else if (message?.type === 'configure') {
      port = message.port;
      configure(message.environment);
      resolve();
    } else if (message !== undefined) control.receive(message);
  });
});
const models = new Models(() => environment);

function configure(next: Record<string, string>): void {
  environment = next;
  // The token opens the sandbox's port: only the tools that ask the project's server get it.
  const { SHMASTRA_SERVER_TOKEN: _token, ...others } = next;
  Object.assign(process.env, others);
  models.forget();
}

adjustModelRegistry({ PROVIDER_REGISTRY, defaultGateways });
mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
const sessions = new SessionStore(join(settings.dataDir, 'agent.db'));
const events = new AgentEvents();
const attachments = new AttachmentStore({ dataDir: settings.dataDir, maxBytes: settings.limits.attachmentBytes });
const history = new History({ projectDir: settings.projectDir });
const parts = {
  settings,
  sessions,
  attachments,
  models,
  history,
  control,
  server: new ProjectServer(() => ({ port, token: environment.SHMASTRA_SERVER_TOKEN })),
  skills: new SkillLibrary(settings.projectDir),
  redactor: new Redactor(() => [...Object.entries(environment), ...readEnvFilesNow(settings.projectDir)]),
  environment: () => environment,
  onCommit: () => events.emit({ type: 'history' }),
};
const turns = new Turns({
  ...settings,
  sessions,
  models,
  prepare: (turn, request, names) => prepareTurn(parts, turn, request, names),
  keep: (turn) => keepRest(parts, turn, 'failed'),
});
turns.on('busy', (busy) => send({ type: 'busy', busy }));
turns.on('state', ({ sessionId, turnId, title }, state) =>
  events.emit({ type: 'turn', sessionId, turnId, title, state }),
);
turns.on('ended', ({ sessionId, turnId, title }, outcome) =>
  events.emit({ type: 'turn', sessionId, turnId, title, state: 'ended', outcome }),
);

const app = createServer({
  ...{ turns, sessions, attachments, models, events, limits: settings.limits },
  project: projectModules({
    projectDir: settings.projectDir,
    history,
    control,
    turns,
    events,
    environment: parts.environment,
  }),
});
const server = createHttpServer(getRequestListener((request) => app.fetch(request)));
// Only the runner connects, and keeps its connections: closing an idle one would race with its next request.
server.keepAliveTimeout = 0;
server.requestTimeout = 0;
await configured;
await turns.recover();
server.listen(socketPath, () => {
  listening = true;
  send({ type: 'listening' });
});

/** A turn that runs is stopped, and what it has done is kept. */
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(1), STOP_MS).unref();
  // Nothing has begun yet.
  if (!listening) process.exit(0);
  server.close();
  const ended = turns.running === undefined ? undefined : once(turns, 'ended');
  turns.running?.interrupt();
  await ended;
  process.exit(0);
}
