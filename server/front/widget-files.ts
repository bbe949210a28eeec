import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { AppError, NotFoundError } from '../../lib/errors.ts';
import { contentType, isCompressible } from '../../lib/studio/files.ts';
import { hasContentHash, isWidgetFile, WIDGET_MOUNT, widgetManifestSchema } from '../../lib/studio/widget.ts';
import { compressed } from './compress.ts';
import { sendStaticFile, type StaticFile } from './static-file.ts';

/** A build of the widget is a handful of files; a folder of thousands is something else. */
const MAX_FILES = 100;

export type WidgetFiles = {
  /** Address of the script for Studio's page. */
  script: string;
  /** `/widget/<name>`; throws `not_found`. */
  send(name: string, req: IncomingMessage, res: ServerResponse): void;
};

/** Reads the built widget into memory, a few megabytes. Throws with the command to run when it was not built. */
export async function loadWidget(folder: string): Promise<WidgetFiles> {
  const { script } = await readManifest(folder);
  const names = (await readdir(folder)).filter(isWidgetFile).toSorted();
  if (!names.includes(script)) throw notBuilt(folder, `${script} is missing`);
  if (names.length > MAX_FILES) throw notBuilt(folder, `there are ${names.length} files`);
  const loaded = names.map(async (name) => [name, await load(folder, name)] as const);
  const files = new Map(await Promise.all(loaded));
  return {
    script: `${WIDGET_MOUNT}/${script}`,
    send: (name, req, res) => {
      if (req.method !== 'GET' && req.method !== 'HEAD') {
        throw new AppError('method_not_allowed', 'Only GET is supported here.', { status: 405 });
      }
      const file = files.get(name);
      // Also what a tab of before an update asks for.
      if (!file) throw new NotFoundError('not_found', 'The widget has no such file.', { next: 'Reload the page.' });
      sendStaticFile(file, req, res);
    },
  };
}

async function readManifest(folder: string): Promise<{ script: string }> {
  try {
    return widgetManifestSchema.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
  } catch (cause) {
    throw notBuilt(folder, 'its manifest.json cannot be read', cause);
  }
}

function notBuilt(folder: string, why: string, cause?: unknown): Error {
  return new Error(`The widget is not built in ${folder}: ${why}. Run: npm run build:widget`, { cause });
}

async function load(folder: string, name: string): Promise<StaticFile> {
  const content = await readFile(join(folder, name));
  return {
    type: contentType(name),
    etag: `"${createHash('sha256').update(content).digest('hex').slice(0, 24)}"`,
    immutable: hasContentHash(name),
    bodies: isCompressible(name) ? await compressed(content) : { identity: content },
  };
}
