import { parseRegistryImage, type RegistryImage } from './oci/reference.ts';

/** An image that this engine makes itself from Debian packages and npm. */
export type OwnImage = { kind: 'base' } | { kind: 'node'; version: string };
export type ImageReference = OwnImage | ({ kind: 'registry' } & RegistryImage);

/** The Node of E2B's own base image, and of the template `base`. */
export const DEFAULT_NODE = '22';
/** What `node:lts` stands for. */
const LTS_NODE = '24';

const DEBIAN = /^debian:(stable|bookworm|12)(\.\d+)?(-slim)?$/;
const NODE = /^node:(\d{1,2}(?:\.\d{1,3}){0,2}|lts|latest)(-(slim|bookworm|bookworm-slim))?$/;

/** What the template `base` is made from. */
export const BASE_IMAGE: OwnImage = { kind: 'node', version: DEFAULT_NODE };

/**
 * Reads an image name as Docker and E2B write it. Debian and Node are made here, without a registry; a login, a digest or
 * a registry's name says that the registry's own is meant.
 * @throws BadRequestError
 */
export function parseImage(image: string, hasLogin = false): ImageReference {
  if (hasLogin) return { kind: 'registry', ...parseRegistryImage(image) };
  const name = normalize(image);
  if (name === 'e2bdev/base:latest') return BASE_IMAGE;
  if (name === 'base:latest' || name === 'debian:latest' || DEBIAN.test(name)) return { kind: 'base' };
  const version = NODE.exec(name)?.[1];
  if (version !== undefined) return { kind: 'node', version: /^\d/.test(version) ? version : LTS_NODE };
  return { kind: 'registry', ...parseRegistryImage(image) };
}

function normalize(image: string): string {
  const name = image.replace(/^(docker\.io\/)?(library\/)?/, '');
  return name.includes(':') ? name : `${name}:latest`;
}
