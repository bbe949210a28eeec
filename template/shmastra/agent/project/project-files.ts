import { chmod, lstat, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ToolError } from '../tools/tool.ts';
import { isEnvFile, resolveForWriting, resolveInProject } from './project-path.ts';
import { variableNames } from './env-file.ts';

const MAX_READ_BYTES = 2 * 1024 * 1024;
const MAX_READ_CHARACTERS = 50_000;
const MAX_LINES = 2000;
const MAX_WRITE_CHARACTERS = 1_000_000;
/** Folders that would fill each listing, and hold nothing of the project's sources. */
const UNLISTED = new Set(['node_modules', '.git', '.mastra', '.data', 'dist']);
const MAX_LISTED = 500;
/** Without these there is no project. */
const KEPT = new Set(['.', 'src', 'src/mastra']);

export type ReadResult = { path: string; content: string; firstLine: number; totalLines: number; truncated: boolean };

/** Files of the project, as the agent's tools use them. */
export class ProjectFiles {
  readonly #projectDir: string;

  constructor(projectDir: string) {
    this.#projectDir = projectDir;
  }

  /** Lines of a text file; the first is 1. */
  async read(given: string, firstLine = 1, lines = MAX_LINES): Promise<ReadResult> {
    const { absolute, relative } = await resolveInProject(this.#projectDir, given);
    const text = await readText(absolute, relative);
    if (isEnvFile(relative)) {
      const names = variableNames(text);
      const content = `# The values are hidden. Set: ${names.length === 0 ? 'nothing' : names.join(', ')}`;
      return { path: relative, content, firstLine: 1, totalLines: 1, truncated: false };
    }
    const all = text.split('\n');
    const wanted = all.slice(firstLine - 1, firstLine - 1 + Math.min(lines, MAX_LINES)).join('\n');
    const content = wanted.slice(0, MAX_READ_CHARACTERS);
    const shown = content.split('\n').length;
    const truncated = firstLine - 1 + shown < all.length || content.length < wanted.length;
    return { path: relative, content, firstLine, totalLines: all.length, truncated };
  }

  async write(given: string, content: string): Promise<{ path: string; created: boolean; lines: number }> {
    const { absolute, relative } = await resolveForWriting(this.#projectDir, given);
    if (content.length > MAX_WRITE_CHARACTERS) throw new ToolError('The content is too long for one file.');
    const before = await stat(absolute).catch(() => undefined);
    if (before?.isDirectory()) throw new ToolError(`${relative} is a folder.`);
    await mkdir(dirname(absolute), { recursive: true });
    await writeWhole(absolute, content, before?.mode);
    return { path: relative, created: before === undefined, lines: content.split('\n').length };
  }

  /** Replaces a text that occurs once, or everywhere. */
  async edit(
    given: string,
    before: string,
    after: string,
    everywhere: boolean,
  ): Promise<{ path: string; line: number; replaced: number }> {
    const { absolute, relative } = await resolveForWriting(this.#projectDir, given);
    const text = await readText(absolute, relative);
    if (before === '') throw new ToolError('old_string is empty. Use write_file for a whole file.');
    if (before === after) throw new ToolError('old_string and new_string are the same.');
    const [old, next] = text.includes(before) ? [before, after] : withLineEnds(text, before, after);
    const count = text.split(old).length - 1;
    if (count === 0) throw new ToolError(`old_string is not in ${relative}. Read the file again: it may have changed.`);
    if (count > 1 && !everywhere) {
      throw new ToolError(
        `old_string is ${count} times in ${relative}. Give more of the lines around it, or replace_all.`,
      );
    }
    const line = text.slice(0, text.indexOf(old)).split('\n').length;
    // A function, since `$` has a meaning in a replacement.
    await this.write(
      relative,
      text.replaceAll(old, () => next),
    );
    return { path: relative, line, replaced: count };
  }

  async remove(given: string, recursive: boolean): Promise<{ path: string }> {
    const { absolute, relative } = await resolveForWriting(this.#projectDir, given);
    if (KEPT.has(relative)) throw new ToolError(`${relative} is the project itself: it stays.`);
    const stats = await lstat(absolute).catch(() => undefined);
    if (stats === undefined) throw new ToolError(`${relative} does not exist.`);
    if (stats.isDirectory() && !recursive)
      throw new ToolError(`${relative} is a folder: set recursive to delete all of it.`);
    await rm(absolute, { recursive: stats.isDirectory() });
    return { path: relative };
  }

  /** The paths below a folder, folders with a slash at their end. */
  async list(given: string, depth: number): Promise<string> {
    const { absolute, relative } = await resolveInProject(this.#projectDir, given);
    const found: string[] = [];
    const pending = [{ folder: absolute, name: relative === '.' ? '' : `${relative}/`, level: 1 }];
    let more = 0;
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
      const entries = await readdir(next.folder, { withFileTypes: true }).catch(() => undefined);
      if (entries === undefined) throw new ToolError(`${next.name || relative} is not a folder.`);
      for (const entry of entries.toSorted((first, second) => first.name.localeCompare(second.name))) {
        if (UNLISTED.has(entry.name)) continue;
        if (found.length >= MAX_LISTED) more++;
        else found.push(`${next.name}${entry.name}${entry.isDirectory() ? '/' : ''}`);
        if (!entry.isDirectory() || next.level >= depth) continue;
        pending.push({
          folder: join(next.folder, entry.name),
          name: `${next.name}${entry.name}/`,
          level: next.level + 1,
        });
      }
    }
    const lines = found.toSorted();
    if (more > 0) lines.push(`… and ${more} more: list a folder of these, or use search_files.`);
    return lines.length === 0 ? '(empty)' : lines.join('\n');
  }
}

async function readText(absolute: string, relative: string): Promise<string> {
  const file = await open(absolute).catch((error: NodeJS.ErrnoException) => {
    throw new ToolError(error.code === 'ENOENT' ? `${relative} does not exist.` : `${relative} cannot be read.`);
  });
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw new ToolError(`${relative} is a folder: use list_files.`);
    // A pipe or a device would be waited for forever.
    if (!stats.isFile()) throw new ToolError(`${relative} is not a file.`);
    if (stats.size > MAX_READ_BYTES) {
      throw new ToolError(`${relative} has ${Math.round(stats.size / 1024)} KB, which is too much. Use search_files.`);
    }
    const bytes = await file.readFile();
    if (bytes.includes(0)) throw new ToolError(`${relative} is a binary file.`);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw error instanceof ToolError ? error : new ToolError(`${relative} is not a text file.`);
  } finally {
    await file.close();
  }
}

/** The file is the old one or the new one, never half of it. */
async function writeWhole(path: string, content: string, mode: number | undefined): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, content);
    if (mode !== undefined) await chmod(temporary, mode & 0o777);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Models write line feeds, whatever the file has. */
function withLineEnds(text: string, before: string, after: string): [string, string] {
  if (!text.includes('\r\n')) return [before, after];
  return [before.replaceAll('\n', '\r\n'), after.replaceAll('\n', '\r\n')];
}
