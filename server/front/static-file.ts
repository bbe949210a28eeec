import type { IncomingMessage, ServerResponse } from 'node:http';

export type Encoding = 'br' | 'gzip';

/** A file of ours in memory, as it is and compressed. */
export type StaticFile = {
  type: string;
  /** Strong ETag, with its quotes. */
  etag: string;
  /** The name has a hash of the content, so it may be kept for ever. */
  immutable: boolean;
  bodies: Partial<Record<Encoding, Buffer>> & { identity: Buffer };
};

/** Sends a file in the best encoding that the client takes, or 304 when it has it already. */
export function sendStaticFile(
  file: StaticFile,
  req: IncomingMessage,
  res: ServerResponse,
  extra: Record<string, string> = {},
): void {
  const headers: Record<string, string | number> = {
    'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: file.etag,
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    ...extra,
  };
  if (matches(req.headers['if-none-match'], file.etag)) {
    res.writeHead(304, headers);
    res.end();
    return;
  }
  const encoding = chooseEncoding(req.headers['accept-encoding'], file.bodies);
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
  available: Readonly<Partial<Record<Encoding, unknown>>>,
): Encoding | null {
  const accepted = new Map<string, number>();
  for (const entry of (header ?? '').toLowerCase().split(',')) {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    accepted.set(name, quality === undefined ? 1 : Number(quality.slice(2)));
  }
  const wanted = (name: string): boolean => (accepted.get(name) ?? accepted.get('*') ?? 0) > 0;
  return (['br', 'gzip'] as const).find((encoding) => available[encoding] !== undefined && wanted(encoding)) ?? null;
}
