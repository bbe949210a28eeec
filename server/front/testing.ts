import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sessionCookieName } from '../../lib/auth/cookie.ts';
import { createLog } from '../../lib/log.ts';
import type { SandboxRow, SandboxStatus } from '../../lib/sandbox/index.ts';
import { createTestContext, insertUser, type TestContext, testSettings } from '../../lib/testing.ts';
import { createFront, type Front } from './front.ts';

/** A front on a real database, with doubles of what lies behind it: the engine's proxy and the web process. */
export type TestFront = {
  front: Front;
  context: TestContext;
  origin: string;
  controlOrigin: string | null;
  /** What the server in every sandbox does; the engine's proxy answers for those that do not run. */
  sandbox: { handle: RequestListener; server: Server };
  web: { handle: RequestListener };
  /** A member with a sandbox. */
  member(status?: SandboxStatus): Promise<TestMember>;
  close(): Promise<void>;
};

export type TestMember = { userId: string; cookie: string; sandbox: SandboxRow };

/**
 * @param given in place of a context on a fresh database
 * @param studio the built Studio, in place of a stand-in
 */
export async function startTestFront(
  env: NodeJS.ProcessEnv = {},
  given?: TestContext,
  studio?: string,
): Promise<TestFront> {
  const folder = await mkdtemp(join(tmpdir(), 'shmastra-front-'));
  await writeStudio(join(folder, 'studio'));
  await writeWidget(join(folder, 'widget'));
  const context = given ?? (await createTestContext());
  const sandbox = { handle: ok('sandbox'), server: createServer() };
  const web = { handle: ok('web') };
  sandbox.server.on('request', (req, res) => {
    const id = /^4111-([a-z0-9]+)\.sandbox\.localhost$/.exec(req.headers.host ?? '')?.[1] ?? '';
    if (context.engine.sandboxes.get(id)?.state === 'running') return sandbox.handle(req, res);
    // The engine's own words about a sandbox that is paused or gone.
    res.writeHead(502, { 'content-type': 'application/json; charset=utf-8' });
    res.end(JSON.stringify({ sandboxId: id, message: 'The sandbox was not found', code: 502 }));
  });
  const webServer = createServer((req, res) => web.handle(req, res));
  const socket = join(folder, 'web.sock');
  await new Promise<void>((resolve) => webServer.listen(socket, resolve));
  const enginePort = await listen(sandbox.server);
  const port = await freePort();
  const settings = testSettings(context.database.url, {
    PORT: String(port),
    WEB_SOCKET: socket,
    SANDBOX_UPSTREAM: `http://127.0.0.1:${enginePort}`,
    USAGE_JOURNAL: 'disk',
    USAGE_JOURNAL_DIR: join(folder, 'usage'),
    ...env,
  });
  // The domain's functions see the settings of this front too.
  const testContext = { ...context, settings };
  const log = createLog('front', process.env['TEST_LOG_LEVEL'] ?? 'silent');
  const folders = { studioFolder: studio ?? join(folder, 'studio'), widgetFolder: join(folder, 'widget') };
  const front = await createFront(settings, { log, ...folders, context: testContext });
  await front.listen();
  const controlPort = await front.controlPort();
  return {
    front,
    context: testContext,
    origin: `http://localhost:${port}`,
    controlOrigin: controlPort === null ? null : `http://127.0.0.1:${controlPort}`,
    sandbox,
    web,
    member: (status = 'ready') => addMember(testContext, status),
    close: async () => {
      await front.close(0);
      for (const server of [sandbox.server, webServer]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function ok(name: string): RequestListener {
  return (_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ from: name }));
  };
}

/** A person with a live session and a sandbox that the engine runs (or has paused). */
export async function addMember(context: TestContext, status: SandboxStatus): Promise<TestMember> {
  const userId = await insertUser(context);
  const cookie = await signIn(context, userId);
  const sandboxId = `s${randomBytes(8).toString('hex')}`;
  const state = status === 'paused' ? 'paused' : 'running';
  const sandbox = await context.database.db
    .insertInto('sandboxes')
    .values({ user_id: userId, status, sandbox_id: sandboxId, error_code: status === 'broken' ? 'test' : null })
    .returningAll()
    .executeTakeFirstOrThrow();
  const startedAt = new Date();
  context.engine.sandboxes.set(sandboxId, { sandboxId, state, metadata: {}, startedAt, environment: 'written' });
  return { userId, cookie, sandbox };
}

async function signIn(context: TestContext, userId: string): Promise<string> {
  const token = randomBytes(24).toString('hex');
  const now = new Date();
  await context.database.db
    .insertInto('identity.user')
    .values({ id: userId, email: `${userId}@example.com`, name: 'A member', emailVerified: true })
    .execute();
  await context.database.db
    .insertInto('identity.session')
    .values({ id: randomUUID(), token, userId, expiresAt: new Date(now.getTime() + 3_600_000), updatedAt: now })
    .execute();
  const signature = createHmac('sha256', context.settings.authSecret).update(token).digest('base64');
  return `${sessionCookieName(context.settings)}=${encodeURIComponent(`${token}.${signature}`)}`;
}

/** A built Studio of one page. */
export async function writeStudio(folder: string): Promise<void> {
  await mkdir(join(folder, 'assets'), { recursive: true });
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Studio</title><body></body>');
  await writeFile(join(folder, 'assets/main-12345678.js'), 'export {}');
  await writeFile(join(folder, 'assets/main-12345678.js.gz'), 'pretend');
  const files = [
    { path: 'index.html', type: 'text/html; charset=utf-8', etag: '"i"', immutable: false, encodings: [] },
    { path: 'assets/main-12345678.js', type: 'text/javascript', etag: '"m"', immutable: true, encodings: ['gzip'] },
  ];
  const manifest = { inputs: 'test', mastraVersion: '0.0.0', contentSecurityPolicy: "default-src 'self'", files };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
}

export async function writeWidget(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'widget-0f3a9c21.js'), `globalThis.widget = ${JSON.stringify('x'.repeat(2000))};`);
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ script: 'widget-0f3a9c21.js' }));
}

/** The status of the answer to a request as it is written, with whatever no client library would send. */
export async function rawStatus(origin: string, text: string): Promise<number> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  socket.write(text);
  const [data] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return Number(data.toString().split(' ')[1]);
}

/** `get` and `post` as a browser's page of this front sends them. */
export function browser(front: () => TestFront) {
  return {
    get: (path: string, headers: Record<string, string> = {}) =>
      fetch(`${front().origin}${path}`, { headers, redirect: 'manual' }),
    post: (path: string, headers: Record<string, string> = {}, body: string | null = null) =>
      fetch(`${front().origin}${path}`, {
        method: 'POST',
        headers: { origin: front().origin, ...headers },
        redirect: 'manual',
        body,
      }),
  };
}

export async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.');
  return address.port;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
