import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeHtmlText } from './html-text.ts';

/** A web app of the project, as the chat API lists it. */
export type App = { name: string; title: string; path: string; updatedAt: string };

/** Where apps lie in a project. Its own server serves them at /apps/<name>/. */
export const APPS_FOLDER = 'src/mastra/public/apps';

/** The names that the apps' origin knows too. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const MAX_APPS = 200;
const MAX_FILES = 500;
/** Titles stand at the beginning of a page. */
const HEAD_BYTES = 16 * 1024;
const MAX_TITLE = 100;

/** The apps of a project, the last changed first: folders with an index.html. */
export async function listApps(projectDir: string): Promise<App[]> {
  const folder = join(projectDir, APPS_FOLDER);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory() && NAME.test(entry.name)).map(({ name }) => name);
  const apps = await Promise.all(names.slice(0, MAX_APPS).map((name) => describe(join(folder, name), name)));
  return apps.filter((app) => app !== undefined).toSorted((one, other) => (one.updatedAt < other.updatedAt ? 1 : -1));
}

async function describe(folder: string, name: string): Promise<App | undefined> {
  try {
    const head = await readHead(join(folder, 'index.html'));
    const title = decodeHtmlText(/<title[^>]*>([^<]*)/i.exec(head)?.[1] ?? '').slice(0, MAX_TITLE);
    const updatedAt = new Date(await lastChange(folder)).toISOString();
    return { name, title: title === '' ? name : title, path: `${APPS_FOLDER}/${name}`, updatedAt };
  } catch {
    // No page, so no app yet.
    return undefined;
  }
}

async function readHead(file: string): Promise<string> {
  const handle = await open(file);
  try {
    if (!(await handle.stat()).isFile()) throw new Error(`${file} is no file`);
    const buffer = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, HEAD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function lastChange(folder: string): Promise<number> {
  const names = (await readdir(folder)).slice(0, MAX_FILES);
  const times = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return Math.max(...times);
}
