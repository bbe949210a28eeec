import { AgentRoute } from './agent-route.ts';
import { Backoff } from './backoff.ts';
import { Bundler } from './bundler.ts';
import { Checker } from './checker.ts';
import { type Environment, watchEnvironment } from './environment.ts';
import { FormerVersion } from './former-version.ts';
import { createFront } from './front.ts';
import { Gate } from './gate.ts';
import { Health } from './health.ts';
import { log } from './log.ts';
import { limitLogFiles } from './log-files.ts';
import { createProjectControl, type ProjectControl } from './project-control.ts';
import { projectEnvironment } from './project-environment.ts';
import { Runner } from './runner.ts';
import type { RunnerSettings } from './settings.ts';
import { SourceWatcher } from './watcher.ts';

export type StartedRunner = { control: ProjectControl; stop: () => Promise<void> };

/** Starts all parts of the runner. */
export function startRunner(settings: RunnerSettings): StartedRunner {
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
    former: new FormerVersion(projectDir),
    environment,
    health,
    gate,
    log,
    backoff,
    onFolders: (folders) => watcher.include(folders),
  });

  const control = createProjectControl({ runner, checker, log });
  const agent = new AgentRoute({
    projectDir,
    control,
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

  const stop = async () => {
    stopWatching();
    stopLimiting();
    watcher.close();
    front.close();
    front.closeIdleConnections();
    await Promise.all([agent.close(), runner.stop()]);
  };
  return { control, stop };
}
