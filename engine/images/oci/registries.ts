import { BadRequestError } from '../../api/errors.ts';

/** Registries that images may be fetched from. */
export type Registries = {
  /** Empty: every one, by TLS. */
  allowed: { host: string; plainHttp: boolean }[];
};

/** @param entries of ENGINE_REGISTRIES: `ghcr.io`, `registry.example.com:5000`, `http://10.0.0.5:5000` */
export function parseRegistries(entries: string[]): Registries {
  const allowed = entries.map((entry) => ({
    host: entry.replace(/^https?:\/\//, '').replace(/\/+$/, ''),
    plainHttp: entry.startsWith('http://'),
  }));
  return { allowed };
}

/** @throws BadRequestError for a registry that the settings do not name */
export function findRegistry(registries: Registries, host: string): { plainHttp: boolean } {
  if (registries.allowed.length === 0) return { plainHttp: false };
  const found = registries.allowed.find((registry) => registry.host === host);
  if (found !== undefined) return found;
  const names = registries.allowed.map((registry) => registry.host).join(', ');
  throw new BadRequestError(`images of ${host} are not allowed here: ENGINE_REGISTRIES names ${names}`);
}
