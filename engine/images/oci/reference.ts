import { BadRequestError } from '../../api/errors.ts';

/** An image in a registry, as `docker pull` would find it. */
export type RegistryImage = {
  /** `docker.io`, `ghcr.io`, `registry.example.com:5000`. */
  host: string;
  /** `library/python`. */
  repository: string;
  /** A tag or a digest, with what stands before it: `:3.12-slim`, `@sha256:…`. */
  version: string;
};

const PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const HOST =
  '(?:localhost|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::\\d{1,5})?';
const REFERENCE = new RegExp(
  `^(?:(${HOST})/)?(${PART}(?:/${PART})*)(?::([\\w][\\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$`,
);

/**
 * Reads an image name as Docker does. Nothing else gets through: other transports would read the host's own files.
 * @throws BadRequestError
 */
export function parseRegistryImage(image: string): RegistryImage {
  const match = image.length <= 500 ? REFERENCE.exec(image) : null;
  if (match === null) throw new BadRequestError(`invalid image reference '${image.slice(0, 200)}'`);
  const [, first, rest = '', tag, digest] = match;
  const version = digest === undefined ? `:${tag ?? 'latest'}` : `@${digest}`;
  // A first part without a dot or a port is a part of the path: `library/python`.
  if (first !== undefined && /[.:]|^localhost$/.test(first)) {
    const isHub = first === 'index.docker.io' || first === 'docker.io';
    return { host: isHub ? 'docker.io' : first, repository: isHub ? onHub(rest) : rest, version };
  }
  return { host: 'docker.io', repository: onHub(first === undefined ? rest : `${first}/${rest}`), version };
}

const onHub = (repository: string) => (repository.includes('/') ? repository : `library/${repository}`);

/** `docker.io/library/python:3.12-slim`. */
export function nameOf({ host, repository, version }: RegistryImage): string {
  return `${host}/${repository}${version}`;
}
