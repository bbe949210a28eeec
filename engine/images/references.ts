import { BadRequestError } from '../api/errors.ts';

/** An image that this engine makes itself from Debian packages and npm. */
export type ImageReference = { kind: 'base' } | { kind: 'node'; version: string };

/** The Node of E2B's own base image, and of the template `base`. */
export const DEFAULT_NODE = '22';
/** What `node:lts` stands for. */
const LTS_NODE = '24';

const DEBIAN = /^debian:(stable|bookworm|12)(\.\d+)?(-slim)?$/;
const NODE = /^node:(\d{1,2}(?:\.\d{1,3}){0,2}|lts|latest)(-(slim|bookworm|bookworm-slim))?$/;

/**
 * Reads an image name as Docker and E2B write it.
 * @throws BadRequestError for every image that cannot be made from Debian packages and npm.
 */
export function parseImage(image: string): ImageReference {
  const name = normalize(image);
  if (name === 'e2bdev/base:latest') return { kind: 'node', version: DEFAULT_NODE };
  if (name === 'base:latest' || name === 'debian:latest' || DEBIAN.test(name)) return { kind: 'base' };
  const version = NODE.exec(name)?.[1];
  if (version !== undefined) return { kind: 'node', version: /^\d/.test(version) ? version : LTS_NODE };
  throw new BadRequestError(
    `The image '${image}' is not supported here: this engine has no container registry and builds on e2bdev/base, ` +
      'base, debian:bookworm and node:<version>. Install what you need with RUN steps on one of them.',
  );
}

function normalize(image: string): string {
  const name = image.replace(/^(docker\.io\/)?(library\/)?/, '');
  return name.includes(':') ? name : `${name}:latest`;
}
