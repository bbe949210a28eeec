import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EditedProject } from '../testing/edited-project.ts';

// Notes every name that is looked up and every address that is connected to, in the runner and in each process under it.
const SPY = (file: string) => `
import { appendFileSync } from 'node:fs';
import dns from 'node:dns';
import net from 'node:net';
const note = (what) => { if (what) appendFileSync(${JSON.stringify(file)}, what + '\\n'); };
const lookup = dns.lookup;
dns.lookup = (host, ...rest) => { note(host); return lookup(host, ...rest); };
const promised = dns.promises.lookup;
dns.promises.lookup = (host, ...rest) => { note(host); return promised(host, ...rest); };
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof options === 'object' && options !== null && !options.path) note(options.host ?? 'localhost');
  return connect.apply(this, args);
};
`;

const LOCAL = new Set(['127.0.0.1', '::1', 'localhost']);

let project: EditedProject;
let folder: string;
const seen = async () => [...new Set((await readFile(join(folder, 'seen'), 'utf8')).split('\n').filter(Boolean))];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'third-parties-'));
  await writeFile(join(folder, 'seen'), '');
  await writeFile(join(folder, 'spy.mjs'), SPY(join(folder, 'seen')));
  project = await EditedProject.start({
    // Not even where whoever starts the runner has forgotten to ask for it.
    settings: {
      NODE_OPTIONS: `--import=${join(folder, 'spy.mjs')}`,
      MASTRA_OFFLINE: '',
      MASTRA_TELEMETRY_DISABLED: '',
      MASTRA_DEV: 'true',
    },
  });
});
afterAll(async () => {
  await project?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('third parties', () => {
  it('are not called', async () => {
    const paths = ['agents', 'agents/providers', 'workflows', 'tools', 'observability/traces', 'system/packages'];
    for (const path of paths) expect([path, (await project.runner.get(`/api/${path}`)).status]).toEqual([path, 200]);
    const { revision } = await project.runner.health();
    await project.write('export const fault = 1;\nconsole.log(fault);\n');
    await project.runner.until((report) => report.revision > revision);
    expect((await project.runner.check()).ok).toBe(true);
    // The model's provider is called when somebody asks an agent something: the spy works.
    const headers = { 'content-type': 'application/json' };
    await project.runner.writeEnvironment({ OPENAI_BASE_URL: 'http://gateway.invalid/v1' });
    await project.runner.until((report) => report.revision > revision + 1);
    await project.runner.send('POST', '/api/agents/assistant/stream', '{"messages":"Hello"}', undefined, headers);
    expect((await seen()).filter((host) => !LOCAL.has(host))).toEqual(['gateway.invalid']);
  });
});
