import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { StaticFile } from './static-file.ts';

const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);
/** Smaller files are sent as they are. Bytes. */
const WORTH_IT = 512;

/** The bodies of a file that was not compressed ahead of time. About 0.1 s for each megabyte, off the main thread. */
export async function compressed(content: Buffer): Promise<StaticFile['bodies']> {
  if (content.length <= WORTH_IT) return { identity: content };
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  const [br, packed] = await Promise.all([compressBrotli(content, { params }), compressGzip(content, { level: 6 })]);
  return { identity: content, br, gzip: packed };
}
