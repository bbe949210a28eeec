import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EditedProject } from '../testing/edited-project.ts';
import { TOKEN } from '../testing/running-runner.ts';

// A server on standard input and output, as small as the protocol allows.
const SERVER = `
import { createInterface } from 'node:readline';
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'x', version: '1' } }),
  'tools/list': () => ({ tools: [{ name: 'ping', description: 'x', inputSchema: { type: 'object', properties: {} } }] }),
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, result: answers[method]?.(params) ?? {} }));
});
`;

const FAULT = (number: number) => `
import { MCPClient } from '@mastra/mcp';
export const client = new MCPClient({
  servers: { mine: { command: process.execPath, args: ['mcp-server.mjs'] } },
});
export const tools = await client.listTools();
export const number = ${number};
console.log(number, Object.keys(tools));
`;

const INDEX = `import './fault';
import { Mastra } from '@mastra/core/mastra';
import { MCPServer } from '@mastra/mcp';
import { agents } from './agents/index';
import { storage } from './storage';
const offered = new MCPServer({ id: 'offered', name: 'offered', version: '1.0.0', tools: {} });
export const mastra = new Mastra({ agents, storage, mcpServers: { offered } });
`;

let project: EditedProject;

beforeAll(async () => {
  project = await EditedProject.start({
    dependencies: ['@mastra/mcp@1.18.0'],
    files: { 'mcp-server.mjs': SERVER, 'src/mastra/index.ts': INDEX, 'src/mastra/fault.ts': FAULT(0) },
  });
});
afterAll(() => project?.stop());

/** The processes of MCP servers that this project has started. */
function servers(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('mcp-server.mjs') &&
          readlinkSync(`/proc/${pid}/cwd`) === project.projectDir
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** The one of the version that is live, once those of older ones and of checks have ended. */
async function onlyServer(): Promise<number> {
  return vi.waitFor(
    () => {
      const [first = 0, ...others] = servers();
      expect(others).toEqual([]);
      return first;
    },
    { timeout: 20_000, interval: 100 },
  );
}

describe('MCP clients, MCP servers and channels of an old version', () => {
  it('are closed on reload', async () => {
    const [first] = servers();
    expect(servers(), project.runner.output.join('\n')).toHaveLength(1);
    for (let number = 1; number <= 3; number++) {
      const { revision } = await project.runner.health();
      await project.write(FAULT(number));
      const report = await project.runner.until((now) => now.revision > revision || now.error !== undefined);
      expect(report.error).toBeUndefined();
    }
    expect(await onlyServer()).not.toBe(first);
  });

  it('are closed on reload while somebody is connected to one', async () => {
    const abort = new AbortController();
    const response = await fetch(`http://127.0.0.1:${project.runner.port}/api/mcp/offered/sse`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      signal: abort.signal,
    });
    expect(response.status, project.runner.output.join('\n')).toBe(200);
    const ended = (async () => {
      for await (const _chunk of response.body ?? []) {
        // The server's greeting.
      }
    })().catch(() => {});
    const { revision } = await project.runner.health();
    await project.write(FAULT(9));
    await project.runner.until((now) => now.revision > revision);
    await Promise.race([
      ended,
      new Promise((_resolve, reject) => setTimeout(() => reject(new Error('still connected')), 20_000)),
    ]).finally(() => abort.abort());
  });

  it('end with a check', async () => {
    const before = await onlyServer();
    await project.runner.hold(30);
    const { ok, stages } = await project.runner.check();
    expect([ok, stages.at(-1)?.errors]).toEqual([true, []]);
    expect(await onlyServer()).toBe(before);
    await project.runner.release();
  });
});
