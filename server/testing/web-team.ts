import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInvitation } from '../../lib/auth/invitations.ts';
import { createSetupUrl } from '../../lib/auth/setup.ts';
import { createTestContext, type TestContext } from '../../lib/testing.ts';
import { buildPages } from '../../local/builds.ts';
import { type Answer, WebProcess } from './web-process.ts';

export const ORIGIN = 'http://cloud.example';
export const SECRET = 'a secret of the tests that is long enough';
export const PASSWORD = 'correct horse';

export type Web = {
  context: TestContext;
  web: WebProcess;
  socketPath: string;
  /** What the process got to know, for another one of the same installation. */
  env: NodeJS.ProcessEnv;
  close(): Promise<void>;
};

type Options = { env?: NodeJS.ProcessEnv; createContext?: (env: NodeJS.ProcessEnv) => Promise<TestContext> };

/** The pages, built, and the process that serves them, with a database of its own. */
export async function startWeb({ env: more = {}, createContext }: Options = {}): Promise<Web> {
  await buildPages(
    { root: resolve(import.meta.dirname, '../..'), env: { PATH: process.env['PATH'] ?? '' } },
    { signal: AbortSignal.timeout(240_000), onLine: () => {} },
  );
  const settings = { ...more, PUBLIC_URL: ORIGIN, AUTH_SECRET: SECRET };
  const context = await (createContext?.(settings) ?? createTestContext({ env: settings }));
  const folder = mkdtempSync(join(tmpdir(), 'web-process-'));
  const socketPath = join(folder, 'web.sock');
  const env = {
    ...settings,
    DATABASE_URL: context.database.url,
    DEPLOYMENT_ID: 'test-deployment',
    E2B_API_KEY: 'e2b_00',
    DEMO_MODEL_URL: 'http://127.0.0.1:9',
  };
  const web = new WebProcess({ socketPath, origin: ORIGIN, env });
  const close = async () => {
    await web.end('SIGTERM');
    await context.close();
    rmSync(folder, { recursive: true, force: true });
  };
  if ((await web.start()) === 'listening') return { context, web, socketPath, env, close };
  await close();
  throw new Error(web.output);
}

/** The token in a link. */
export const tokenOf = (url: string | null): string => new URL(url ?? '').searchParams.get('token') ?? '';

/** People of one installation, as the pages know them. */
export class Team {
  readonly #parts: Web;
  readonly adminId: string;
  readonly adminCookie: string;

  constructor(parts: Web, admin: { id: string; cookie: string }) {
    this.#parts = parts;
    this.adminId = admin.id;
    this.adminCookie = admin.cookie;
  }

  /** Makes the first admin, `ada@example.com`. */
  static async create(parts: Web): Promise<Team> {
    const json = { token: tokenOf(await createSetupUrl(parts.context)), email: 'ada@example.com', password: PASSWORD };
    const { cookie } = await parts.web.call('/api/auth/setup', { json });
    return new Team(parts, { id: await idOf(parts, json.email), cookie });
  }

  /** Returns the new member's cookie. */
  async join(email: string): Promise<string> {
    const { url } = await createInvitation(this.#parts.context, { email, role: 'member', by: this.adminId });
    const json = { token: tokenOf(url), password: PASSWORD };
    return (await this.#parts.web.call('/api/auth/accept-invitation', { json })).cookie;
  }

  signIn(email: string, password = PASSWORD): Promise<Answer> {
    return this.#parts.web.call('/api/auth/sign-in', { json: { email, password, returnTo: '/studio/agents' } });
  }

  idOf(email: string): Promise<string> {
    return idOf(this.#parts, email);
  }
}

async function idOf({ context }: Web, email: string): Promise<string> {
  const row = context.database.db.selectFrom('users').where('email', '=', email).select('id');
  return (await row.executeTakeFirstOrThrow()).id;
}
