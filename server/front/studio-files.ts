import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { addScript } from '../../lib/studio/html.ts';
import { ENCODING_SUFFIX, MANIFEST_NAME, studioManifestSchema, type StudioFile } from '../../lib/studio/manifest.ts';
import { compressed } from './compress.ts';
import { sendStaticFile, type StaticFile } from './static-file.ts';

const INDEX = 'index.html';

export type StudioFiles = {
  has(path: string): boolean;
  /** Sends the file below the mount; `index.html` for a page of the app. */
  send(path: string, req: IncomingMessage, res: ServerResponse): void;
};

/**
 * Reads the built Studio into memory, about 17 MB, and puts the widget's script into its page: the two are built apart,
 * and a new widget needs no new Studio. Throws with the command to run when it was not built.
 */
export async function loadStudio(folder: string, widgetScript: string): Promise<StudioFiles> {
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST_NAME), 'utf8');
  } catch (cause) {
    throw new Error(`Studio is not built in ${folder}. Run: npm run build:studio`, { cause });
  }
  const manifest = studioManifestSchema.parse(JSON.parse(text));
  const files = new Map<string, StaticFile>();
  for (const file of manifest.files) {
    const loaded = await load(folder, file);
    files.set(file.path, file.path === INDEX ? await withWidget(loaded, widgetScript) : loaded);
  }
  return {
    has: (path) => files.has(path),
    send: (path, req, res) => {
      const file = files.get(path);
      if (!file) throw new Error(`Studio has no file ${path}.`);
      sendStaticFile(file, req, res, documentHeaders(file.type, manifest.contentSecurityPolicy));
    },
  };
}

async function load(folder: string, file: StudioFile): Promise<StaticFile> {
  const bodies: StaticFile['bodies'] = { identity: await readFile(join(folder, file.path)) };
  for (const encoding of file.encodings) {
    bodies[encoding] = await readFile(join(folder, file.path + ENCODING_SUFFIX[encoding]));
  }
  return { type: file.type, etag: file.etag, immutable: file.immutable, bodies };
}

async function withWidget(page: StaticFile, script: string): Promise<StaticFile> {
  const content = Buffer.from(addScript(page.bodies.identity.toString('utf8'), script));
  const etag = `"${createHash('sha256').update(content).digest('hex').slice(0, 24)}"`;
  return { ...page, etag, bodies: await compressed(content) };
}

function documentHeaders(type: string, policy: string): Record<string, string> {
  const page = type.startsWith('text/html');
  if (!page && !type.startsWith('image/svg')) return {};
  return {
    'content-security-policy': page ? policy : "default-src 'none'; style-src 'unsafe-inline'",
    'cross-origin-opener-policy': 'same-origin',
  };
}
