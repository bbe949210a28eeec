import { randomBytes } from 'node:crypto';
import { CommandExitError, type Sandbox } from 'e2b';
import { lookInside, sandboxOf } from '../../e2e/support/inside.ts';
import { signInAsAdmin } from '../../e2e/support/first-admin.ts';
import { join, type Person, personFrom, setUpAdmin } from '../../e2e/support/people.ts';
import { removeDataDir, startProduct, temporaryDataDir, waitFor } from '../../e2e/support/product.ts';
import type { Place, Workspace } from '../workspace.ts';
import { markStart, resetToStart } from './reset.ts';

const PROJECT = '/home/user/shmastra';
const READY_MS = 180_000;
const COMMAND_MS = 120_000;

/**
 * The whole box as `npm start` runs it, in a data folder of its own, and a teammate's sandbox in it. Between two tasks the
 * project goes back to how it was; a workspace that cannot is replaced by the one of another teammate.
 * @param env settings of the box, such as a provider's key
 */
export async function openSandboxes(env: Record<string, string>): Promise<Place> {
  // EVAL_DATA_DIR is kept: it saves the making of the images while one works on tasks.
  const kept = process.env.EVAL_DATA_DIR;
  const dataDir = kept ?? (await temporaryDataDir());
  const product = await startProduct({ dataDir, env });
  const close = async (): Promise<void> => {
    await product.stop();
    if (!kept) await removeDataDir(dataDir);
  };
  try {
    const admin = product.setupUrl ? await setUpAdmin(product.url, product.setupUrl) : await adminOf(product.url);
    let current: Workspace | undefined;
    const replace = async (): Promise<Workspace> => {
      const email = `person-${randomBytes(3).toString('hex')}@example.com`;
      return openWorkspace(dataDir, await join(product.url, admin, email));
    };
    const fresh = async (): Promise<Workspace> => {
      if (current) {
        const again = await resetToStart(current).catch((error: unknown) => error);
        if (again === undefined) return current;
      }
      current = await replace();
      return current;
    };
    return { name: 'a sandbox of the whole box', fresh, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function adminOf(url: string): Promise<Person> {
  const { email, cookie } = await signInAsAdmin(url);
  return personFrom(url, email, cookie);
}

async function openWorkspace(dataDir: string, person: Person): Promise<Workspace> {
  const inside = await lookInside(dataDir);
  const sandboxId = await waitFor(
    async () => {
      const row = await sandboxOf(inside, person.email);
      if (row?.status === 'broken') throw new Error(`the sandbox is broken: ${row.error_message}`);
      return row?.status === 'ready' ? (row.sandbox_id ?? undefined) : undefined;
    },
    READY_MS,
    `the sandbox of ${person.email}`,
  );
  const sandbox = await inside.connect(sandboxId);
  const workspace = workspaceOf(person, sandbox);
  await markStart(workspace);
  return workspace;
}

function workspaceOf(person: Person, sandbox: Sandbox): Workspace {
  return {
    call: (path, init) => person.call(`/api/mastra${path}`, init),
    async run(command) {
      try {
        const { stdout, stderr } = await sandbox.commands.run(command, {
          cwd: PROJECT,
          user: 'user',
          timeoutMs: COMMAND_MS,
        });
        return { exitCode: 0, output: stdout + stderr };
      } catch (error) {
        if (!(error instanceof CommandExitError)) throw error;
        return { exitCode: error.exitCode, output: error.stdout + error.stderr };
      }
    },
    async read(file) {
      const path = `${PROJECT}/${file}`;
      return (await sandbox.files.exists(path)) ? sandbox.files.read(path) : undefined;
    },
    async write(file, content) {
      await sandbox.files.write(`${PROJECT}/${file}`, content, { user: 'user' });
    },
  };
}
