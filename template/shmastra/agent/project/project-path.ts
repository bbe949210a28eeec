import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ToolError } from '../tools/tool.ts';

export type ProjectPath = {
  /** The real one, links being followed. */
  absolute: string;
  /** From the project's folder, with slashes. */
  relative: string;
};

const ENV_FILE = /^\.env(\..*)?$/;

/** Whether a file holds values that a model must not see. */
export const isEnvFile = (path: string): boolean => ENV_FILE.test(basename(path)) && basename(path) !== '.env.example';

/**
 * A path inside the project, as a model writes it. Links are followed first: what counts is where a path leads. Throws
 * for anything outside of the project, and for git's own folder.
 */
export async function resolveInProject(projectDir: string, given: string): Promise<ProjectPath> {
  if (given.includes('\0') || given.length > 1000) throw new ToolError('This is not a path.');
  const root = await realpath(projectDir);
  const wanted = isAbsolute(given) ? resolve(given) : resolve(root, given);
  const absolute = await realPathOfNew(wanted);
  const path = relative(root, absolute).split(sep).join('/');
  if (path === '..' || path.startsWith('../') || isAbsolute(path)) {
    throw new ToolError(`${given} is outside of the project. Only files of the project can be used.`);
  }
  if (path.split('/').includes('.git')) {
    throw new ToolError('The folder .git is not to be touched. Use git by run_command to look into the history.');
  }
  return { absolute, relative: path === '' ? '.' : path };
}

/** Where files are written: not in what others maintain, nor where secrets are. */
export async function resolveForWriting(projectDir: string, given: string): Promise<ProjectPath> {
  const found = await resolveInProject(projectDir, given);
  if (found.relative === '.') throw new ToolError('This is the project itself, not a file.');
  if (found.relative.split('/').includes('node_modules')) {
    throw new ToolError('Files in node_modules are not to be changed. Install packages with pnpm by run_command.');
  }
  if (isEnvFile(found.relative)) {
    throw new ToolError(`${found.relative} holds secrets. Ask for values with ask_env_vars, which writes them there.`);
  }
  return found;
}

/** The real path of a file that may not exist yet: that of the nearest folder that does, and the rest. */
async function realPathOfNew(path: string): Promise<string> {
  const rest: string[] = [];
  for (let current = path; ; current = dirname(current)) {
    try {
      return join(await realpath(current), ...rest);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw new ToolError(`${path} cannot be used as a path.`);
      // A link that leads nowhere: writing would create its target, wherever that is.
      if (await isLink(current)) throw new ToolError(`${path} is a link that leads nowhere.`);
      if (current === dirname(current)) throw new ToolError(`${path} cannot be used as a path.`);
      rest.unshift(basename(current));
    }
  }
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  );
}
