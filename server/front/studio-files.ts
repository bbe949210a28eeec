import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ENCODING_SUFFIX, MANIFEST_NAME, studioManifestSchema, type StudioFile } from '../../lib/studio/manifest.ts';

type LoadedFile = StudioFile & { bodies: { br?: Buffer; gzip?: Buffer; identity: Buffer } };

export type StudioFiles = {
  has(path: string): boolean;
  /** Sends the file below the mount; `index.html` for a page of the app. */
  send(path: string, req: IncomingMessage, res: ServerResponse): void;
};

/** Reads the built Studio into memory, about 17 MB. Throws with the command to run when it was not built. */
export async function loadStudio(folder: string): Promise<StudioFiles> {
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST_NAME), 'utf8');
  } catch (cause) {
    throw new Error(`Studio is not built in ${folder}. Run: npm run build:studio`, { cause });
  }
  const manifest = studioManifestSchema.parse(JSON.parse(text));
  const files = new Map<string, LoadedFile>();
  for (const file of manifest.files) files.set(file.path, await load(folder, file));
  const policy = manifest.contentSecurityPolicy;
  return {
    has: (path) => files.has(path),
    send: (path, req, res) => {
      const file = files.get(path);
      if (!file) throw new Error(`Studio has no file ${path}.`);
      sendFile(file, policy, req, res);
    },
  };
}

async function load(folder: string, file: StudioFile): Promise<LoadedFile> {
  const bodies: LoadedFile['bodies'] = { identity: await readFile(join(folder, file.path)) };
  for (const encoding of file.encodings) {
    bodies[encoding] = await readFile(join(folder, file.path + ENCODING_SUFFIX[encoding]));
  }
  return { ...file, bodies };
}

function sendFile(file: LoadedFile, policy: string, req: IncomingMessage, res: ServerResponse): void {
  const headers: Record<string, string | number> = {
    'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: file.etag,
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  };
  if (file.type.startsWith('text/html') || file.type.startsWith('image/svg')) {
    headers['content-security-policy'] = file.type.startsWith('text/html')
      ? policy
      : "default-src 'none'; style-src 'unsafe-inline'";
    headers['cross-origin-opener-policy'] = 'same-origin';
  }
  if (matches(req.headers['if-none-match'], file.etag)) {
    res.writeHead(304, headers);
    res.end();
    return;
  }
  const encoding = chooseEncoding(req.headers['accept-encoding'], file.encodings);
  const body = (encoding && file.bodies[encoding]) ?? file.bodies.identity;
  headers['content-type'] = file.type;
  headers['content-length'] = body.length;
  if (encoding) headers['content-encoding'] = encoding;
  res.writeHead(200, headers);
  res.end(req.method === 'HEAD' ? undefined : body);
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((entry) => ['*', etag].includes(entry.trim().replace(/^W\//, '')));
}

/** The best encoding that the client accepts and that is there; null for none. */
export function chooseEncoding(
  header: string | undefined,
  available: readonly ('br' | 'gzip')[],
): 'br' | 'gzip' | null {
  const accepted = new Map<string, number>();
  for (const entry of (header ?? '').toLowerCase().split(',')) {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    accepted.set(name, quality === undefined ? 1 : Number(quality.slice(2)));
  }
  const wanted = (name: string): boolean => (accepted.get(name) ?? accepted.get('*') ?? 0) > 0;
  return (['br', 'gzip'] as const).find((encoding) => available.includes(encoding) && wanted(encoding)) ?? null;
}
