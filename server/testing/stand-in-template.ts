import { Template, type ConnectionOpts } from 'e2b';

/** A template that looks like the real one to the control plane, and is built in seconds: its server only says that it is well. */
const RUNNER = `
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
const timer = setInterval(() => {
  if (!existsSync('/etc/shmastra/env')) return;
  clearInterval(timer);
  createServer((request, response) => response.end(JSON.stringify({ state: 'ready', version: 'stand-in', revision: 1 }))).listen(4111);
}, 10);
`;
const START = '#!/bin/sh\nexec /.engine/node /opt/shmastra/v1/runner.mjs\n';

const file = (path: string, content: string) =>
  `mkdir -p $(dirname ${path}) && echo ${Buffer.from(content).toString('base64')} | base64 -d > ${path}`;

export async function buildStandInTemplate(name: string, connection: ConnectionOpts): Promise<void> {
  const template = Template()
    .fromBaseImage()
    .runCmd(
      [
        file('/opt/shmastra/v1/runner.mjs', RUNNER),
        file('/opt/shmastra/v1/start.sh', START),
        'chmod 755 /opt/shmastra/v1/start.sh',
        'ln -sfn v1 /opt/shmastra/current',
        'for tool in node pnpm pm2 git; do ln -sf /bin/true /usr/local/bin/$tool; done',
        'mkdir -p /home/user/shmastra/.git /home/user/shmastra/node_modules',
        file('/home/user/shmastra/package.json', '{}'),
        file('/home/user/.template-version', 'stand-in'),
        'chown -R user:user /home/user',
      ],
      { user: 'root' },
    )
    .setStartCmd('sudo /opt/shmastra/current/start.sh', 'true');
  await Template.build(template, name, connection);
}
