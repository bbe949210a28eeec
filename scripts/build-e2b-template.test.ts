import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { buildTemplate, TemplateBuildError } from './build-e2b-template.ts';

let close = () => {};
afterEach(() => close());

/** Stands in for the engine's API, as far as a build goes: what it answers to `METHOD /path`. */
async function engineThat(answer: (route: string) => { status: number; body?: unknown }) {
  const routes: string[] = [];
  const listener: RequestListener = ({ method, url }, response) => {
    const route = `${method} ${url?.split('?')[0]}`;
    routes.push(route);
    const { status, body } = answer(route);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}));
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => server.close();
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { routes, connection: { apiUrl }, env: { E2B_API_KEY: 'e2b_0123' } };
}

const failure = async (build: Promise<unknown>) => {
  const error: unknown = await build.catch((reason: unknown) => reason);
  if (!(error instanceof TemplateBuildError)) throw error;
  return error;
};

describe('buildTemplate', () => {
  it('says which setting is missing', async () => {
    const error = await failure(buildTemplate({ env: {} }));
    expect(error).toMatchObject({ step: 'settings' });
    expect(error.message).toContain('E2B_API_KEY is missing');
  });

  it('says so when the engine does not answer', async () => {
    const connection = { apiUrl: 'http://127.0.0.1:9' };
    const error = await failure(buildTemplate({ env: { E2B_API_KEY: 'e2b_0123' }, connection, ifChanged: true }));
    expect(error).toMatchObject({ step: 'talk to the engine' });
    expect(error.next).toContain('E2B_API_URL');
  });

  it('builds nothing when the current build has the same inputs', async () => {
    let hash = '';
    const engine = await engineThat((route) => {
      hash ||= /aliases\/shmastra(?::|%3A)([0-9a-f]+)/.exec(route)?.[1] ?? '';
      if (route.includes('/aliases/')) return { status: 200, body: { templateID: 't', public: false } };
      const createdAt = new Date(0).toISOString();
      return { status: 200, body: ['default', hash].map((tag) => ({ tag, buildID: 'b', createdAt })) };
    });
    const lines: string[] = [];
    const result = await buildTemplate({ ...engine, ifChanged: true, onLog: (line) => lines.push(line) });
    expect(result).toMatchObject({ built: false, hash });
    expect(lines.join()).toContain('up to date');
    expect(engine.routes.every((route) => route.startsWith('GET '))).toBe(true);
  });

  it('names the step that failed', async () => {
    const engine = await engineThat((route) => {
      if (route === 'POST /v3/templates') {
        return {
          status: 202,
          body: { templateID: 't', buildID: 'b', public: false, aliases: [], names: [], tags: [] },
        };
      }
      if (route.includes('/files/')) return { status: 201, body: { present: true } };
      if (route.includes('/status')) {
        const reason = { message: 'no space left', step: '9', logEntries: [] };
        return {
          status: 200,
          body: { templateID: 't', buildID: 'b', status: 'error', logs: [], logEntries: [], reason },
        };
      }
      return { status: 202 };
    });
    const error = await failure(buildTemplate(engine));
    expect(error).toMatchObject({ step: 'install the project’s packages', message: 'no space left' });
  });
});
