import { AgentRoute } from './agent-route.ts';
import { Backoff } from './backoff.ts';
import { Bundler } from './bundler.ts';
import { Checker } from './checker.ts';
import { type Environment, watchEnvironment } from './environment.ts';
import { createFront } from './front.ts';
import { Gate } from './gate.ts';
import { Health } from './health.ts';
import { log } from './log.ts';
import { limitLogFiles } from './log-files.ts';
import { createProjectControl } from './project-control.ts';
import { projectEnvironment } from './project-environment.ts';
import { Runner } from './runner.ts';
import { readSettings } from './settings.ts';
import { SourceWatcher } from './watcher.ts';

// The runner: answers on the sandbox's port from the first moment, keeps the project's code running in a process of its
// own, and puts each saved change on the air.

const STOP_MS = 10_000;

const settings = readSettings();
const { projectDir, hangSeconds, memoryMb } = settings;
const health = new Health(settings.version);
const gate = new Gate();
const backoff = new Backoff();
const bundler = new Bundler(projectDir);
let token: string | undefined;
let sandboxEnvironment: Environment = {};
/** The sandbox's settings win over those of the project. */
const environment = () => ({ ...projectEnvironment(projectDir), ...sandboxEnvironment });
const checker = new Checker({ projectDir, bundler, hangSeconds, memoryMb, environment });

const watcher = new SourceWatcher({
  projectDir,
  onChange: (change) => {
    backoff.reset();
    if (change === 'restart') runner.restart();
    else runner.build();
  },
});
const runner = new Runner({
  projectDir,
  hangSeconds,
  memoryMb,
  bundler,
  checker,
  environment,
  health,
  gate,
  log,
  backoff,
  onFolders: (folders) => watcher.include(folders),
});

const agent = new AgentRoute({
  projectDir,
  control: createProjectControl({ runner, checker, log }),
  log,
  idleSeconds: settings.agentIdleSeconds,
  port: () => {
    const address = front.address();
    return typeof address === 'object' && address !== null ? address.port : settings.port;
  },
});
const front = createFront({ health, gate, agent, token: () => token });
front.listen(settings.port, settings.host, () => log('info', 'listening', { address: front.address() }));
front.on('error', (error) => {
  log('error', 'cannot listen', { port: settings.port, error: error.message });
  process.exit(1);
});

runner.start();
const stopLimiting = limitLogFiles(settings.logDir);
const stopWatching = watchEnvironment(settings.environmentFile, (next) => {
  // The token opens this sandbox's port: the project's code has no use for it.
  const { SHMASTRA_SERVER_TOKEN: serverToken, ...others } = next;
  token = serverToken;
  sandboxEnvironment = others;
  runner.configure();
  agent.setEnvironment(next);
});

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_MS).unref();
    stopWatching();
    stopLimiting();
    watcher.close();
    front.close();
    front.closeIdleConnections();
    Promise.all([agent.close(), runner.stop()]).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}
