import { join } from 'node:path';
import type { Git } from './git.ts';
import type { CommitAuthor } from './types.ts';

const AGENT = { name: 'Shmastra', email: 'shmastra@localhost' };
const PERSON = { name: 'Workspace', email: 'workspace@localhost' };

/** Who a commit is by: the agent, or the person under the name that they gave to git. */
export async function authorOf(git: Git, by: CommitAuthor): Promise<Record<string, string>> {
  const { name, email } = by === 'agent' ? AGENT : await personOf(git);
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}

async function personOf(git: Git): Promise<{ name: string; email: string }> {
  // Reading a value runs nothing.
  const env = { GIT_CONFIG_GLOBAL: join(process.env.HOME ?? '/', '.gitconfig') };
  const found = await git.run(['config', '-z', '--get-regexp', '^user[.](name|email)$'], { env, allowed: [1] });
  const values = new Map<string, string>();
  for (const entry of found.stdout.toString('utf8').split('\0')) {
    const [key = '', ...value] = entry.split('\n');
    const text = value.join(' ').replace(/[<>]/g, ' ').trim().slice(0, 200);
    if (text !== '') values.set(key, text);
  }
  return { name: values.get('user.name') ?? PERSON.name, email: values.get('user.email') ?? PERSON.email };
}
