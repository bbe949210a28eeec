import type { IncomingMessage } from 'node:http';
import { EnvdError } from './errors.ts';
import { parseJson } from './frames.ts';

/** How the messages of an RPC are written: Connect's JSON or binary protobuf. */
export type Codec = {
  unaryType: string;
  streamType: string;
  /** @throws EnvdError invalid_argument */
  decode: (bytes: Buffer) => unknown;
  encode: (message: unknown) => Buffer;
};

const JSON_CODEC: Codec = {
  unaryType: 'application/json',
  streamType: 'application/connect+json',
  decode: parseJson,
  encode: (message) => Buffer.from(JSON.stringify(message)),
};

/**
 * The codec of a request to `/package.Service/Method`.
 * @throws EnvdError with status 415 for a content type of another kind
 */
export async function codecOf(request: IncomingMessage, kind: 'unary' | 'stream'): Promise<Codec> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const prefix = kind === 'unary' ? 'application/' : 'application/connect+';
  if (type === `${prefix}json`) return JSON_CODEC;
  if (type === `${prefix}proto`) return protobufCodec(request.url?.split('?')[0]?.split('/')[2] ?? '');
  throw new EnvdError(
    'invalid_argument',
    `content type '${type}' is not supported: use ${prefix}json or ${prefix}proto`,
    415,
  );
}

/** The SDKs speak JSON: what protobuf needs is loaded when somebody does not. */
async function protobufCodec(method: string): Promise<Codec> {
  const { decodeMessage, encodeMessage } = await import('./protobuf.ts');
  return {
    unaryType: 'application/proto',
    streamType: 'application/connect+proto',
    decode: (bytes) => decodeMessage(`${method}Request`, bytes),
    encode: (message) => encodeMessage(`${method}Response`, message),
  };
}
