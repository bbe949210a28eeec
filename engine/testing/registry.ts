import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** A blob in memory or a file with its digest. */
type Blob = { digest: string; size: number; data: Buffer | string };

export type TestImage = {
  /** Tar archives, packed here, or files that are packed by gzip. */
  layers: (Buffer | { gzipFile: string; digest: string; diffId: string })[];
  config?: { Env?: string[]; User?: string; WorkingDir?: string };
  architecture?: string;
};

const sha256 = (data: Buffer) => `sha256:${createHash('sha256').update(data).digest('hex')}`;
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

/** A container registry on loopback, without TLS: the reading half of the OCI distribution protocol. */
export class TestRegistry {
  readonly #blobs = new Map<string, Blob>();
  readonly #manifests = new Map<string, { type: string; data: Buffer }>();
  readonly #server = createServer((request, response) => this.#handle(request, response));
  /** `user:password` that callers must send. */
  login: string | undefined;
  /** Paths of all requests. */
  readonly requests: string[] = [];

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** `127.0.0.1:<port>`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Listens again where it did. */
  async reopen(host: string): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(Number(host.split(':')[1]), '127.0.0.1', resolve));
  }

  /** @returns the digest of the manifest */
  add(name: string, tag: string, image: TestImage): string {
    const { manifest } = this.#build(image);
    return this.#tag(name, tag, MANIFEST, manifest);
  }

  /** One name for several platforms. */
  addIndex(name: string, tag: string, images: Record<string, TestImage>): string {
    const manifests = Object.entries(images).map(([architecture, image]) => {
      const data = this.#build({ ...image, architecture }).manifest;
      const digest = this.#tag(name, sha256(data), MANIFEST, data);
      return { mediaType: MANIFEST, digest, size: data.length, platform: { os: 'linux', architecture } };
    });
    return this.#tag(name, tag, INDEX, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests })));
  }

  #tag(name: string, tag: string, type: string, data: Buffer): string {
    const digest = sha256(data);
    for (const version of [tag, digest]) this.#manifests.set(`${name}:${version}`, { type, data });
    return digest;
  }

  #build({ layers, config = {}, architecture = process.arch === 'arm64' ? 'arm64' : 'amd64' }: TestImage) {
    const blobs = layers.map((layer) => {
      if (!Buffer.isBuffer(layer)) {
        return {
          ...this.#keep({ digest: layer.digest, size: statSync(layer.gzipFile).size, data: layer.gzipFile }),
          diffId: layer.diffId,
        };
      }
      const packed = gzipSync(layer, { level: 1 });
      return { ...this.#keep({ digest: sha256(packed), size: packed.length, data: packed }), diffId: sha256(layer) };
    });
    const settings = Buffer.from(
      JSON.stringify({
        architecture,
        os: 'linux',
        config,
        rootfs: { type: 'layers', diff_ids: blobs.map(({ diffId }) => diffId) },
      }),
    );
    const kept = this.#keep({ digest: sha256(settings), size: settings.length, data: settings });
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: kept.digest, size: kept.size },
        layers: blobs.map(({ digest, size }) => ({
          mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
          digest,
          size,
        })),
      }),
    );
    return { manifest };
  }

  #keep(blob: Blob): Blob {
    this.#blobs.set(blob.digest, blob);
    return blob;
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent((request.url ?? '/').split('?')[0] ?? '/');
    this.requests.push(path);
    const expected = this.login === undefined ? undefined : `Basic ${Buffer.from(this.login).toString('base64')}`;
    if (expected !== undefined && request.headers.authorization !== expected) {
      response.setHeader('www-authenticate', 'Basic realm="test"');
      return fail(response, 401, 'UNAUTHORIZED', 'authentication required');
    }
    if (path === '/v2/') return void response.end('{}');
    const [, name, kind, version = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(path) ?? [];
    if (kind === 'manifests') {
      const found = this.#manifests.get(`${name}:${version}`);
      if (found === undefined) return fail(response, 404, 'MANIFEST_UNKNOWN', 'manifest unknown');
      response.setHeader('content-type', found.type).setHeader('docker-content-digest', sha256(found.data));
      response.setHeader('content-length', found.data.length);
      return void response.end(request.method === 'HEAD' ? undefined : found.data);
    }
    const blob = this.#blobs.get(version);
    if (blob === undefined) return fail(response, 404, 'BLOB_UNKNOWN', 'blob unknown');
    response.setHeader('content-type', 'application/octet-stream').setHeader('content-length', blob.size);
    if (request.method === 'HEAD') response.end();
    else if (Buffer.isBuffer(blob.data)) response.end(blob.data);
    else createReadStream(blob.data).pipe(response);
  }
}

function fail(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ code, message }] }));
}
