import { Template } from 'e2b';
import { z } from 'zod';
import { waitUntil } from '../runtime/wait.ts';
import { ask, type Answer } from '../testing/ask.ts';
import type { Connection } from '../testing/engine.ts';
import { Broken } from './outcomes.ts';
import { attempt, type Turn } from './run.ts';
import type { Subject } from './subject.ts';

export const PORT = 8080;
/** Time (ms) in which the start command's server has to answer after a start. */
const START_MS = 20_000;

/** Answers with what it drew when it started, at 127.0.0.1 only: the way through the proxy is part of the test. */
const SERVER = `const boot = require('crypto').randomUUID();
require('http').createServer((_, r) => r.end(boot)).listen(${PORT}, '127.0.0.1');`;

/** A small template with a server as its start command. */
export async function buildTemplate(connection: Connection, name: string): Promise<void> {
  const script = Buffer.from(SERVER).toString('base64');
  const template = Template()
    .fromNodeImage('22')
    .runCmd(`mkdir -p soak && echo ${script} | base64 -d > /home/user/server.js`)
    .setStartCmd('node /home/user/server.js', `curl -sf http://127.0.0.1:${PORT}`);
  await Template.build(template, name, { ...connection, cpuCount: 1, memoryMB: 512 });
}

/** The start command's server answers, and has gone on since the last time unless it had to start anew. */
export async function checkServer({ run }: Turn, subject: Subject): Promise<void> {
  const { port, connection } = run.daemon.engine;
  const { id } = subject;
  const { reboots } = run.daemon;
  const answered = await attempt(run, subject, 'HTTP through the proxy', async () => {
    let last: Answer | undefined;
    const ok = await waitUntil(
      async () => {
        last = await ask({ port, domain: connection.domain }, { id, port: PORT });
        if (last.status === 200) return true;
        // While the server starts its port is closed.
        if (last.status !== 502 || !last.text.includes('port is not open')) return true;
        return false;
      },
      START_MS,
      100,
    );
    if (!ok || last?.status !== 200) throw new Error(`${last?.status}: ${last?.text.slice(0, 200)}`);
    return last.text;
  });
  if (!answered.ok) return;
  const boot = answered.value;
  if (run.daemon.reboots === reboots && subject.boot !== null && subject.boot !== boot) {
    if (!(await wasHibernated(run, subject))) {
      throw new Broken(`its processes were lost: the server is ${boot} instead of ${subject.boot}`);
    }
    run.tally.add('hibernated by the engine', 'ok');
    subject.note('it was hibernated');
  }
  // An answer from before a power cut says nothing of what runs now.
  if (run.daemon.reboots !== reboots) return;
  if (subject.boot !== boot) subject.bootSeenAt = Date.now();
  subject.boot = boot;
}

const LogLine = z.object({ time: z.number(), sandbox: z.string().optional(), msg: z.string() });

/** Whether the engine says that it has stopped this sandbox to have its room, since its server was seen to run. */
async function wasHibernated({ daemon }: Turn['run'], { id, bootSeenAt }: Subject): Promise<boolean> {
  const lines = (await daemon.engine.log()).split('\n').filter((line) => line.includes(id));
  return lines.some((line) => {
    const { sandbox, time, msg } = LogLine.parse(JSON.parse(line));
    return sandbox === id && msg === 'sandbox hibernates' && time >= bootSeenAt;
  });
}
