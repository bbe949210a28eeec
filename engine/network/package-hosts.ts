import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomic } from '../state/atomic-file.ts';
import { packageHosts } from './host-network.ts';

const Cache = z.array(z.string());

export type KnownPackageHosts = {
  hosts: string[];
  /** Settles when the host's configuration was read again; null when `hosts` is fresh. */
  fresh: Promise<string[]> | null;
};

/**
 * The host's package registries as `host:port`. Asking npm takes a good part of a second, so that a start of the engine
 * begins with what the last one found (in `file`).
 */
export async function knownPackageHosts(file: string, find = packageHosts): Promise<KnownPackageHosts> {
  const look = async () => {
    const hosts = await find();
    await writeFileAtomic(file, JSON.stringify(hosts));
    return hosts;
  };
  const cached = await readFile(file, 'utf8')
    .then((text) => Cache.parse(JSON.parse(text)))
    .catch(() => null);
  return cached === null ? { hosts: await look(), fresh: null } : { hosts: cached, fresh: look() };
}
