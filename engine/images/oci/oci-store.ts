import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { SHIFTED_ROOT } from '../../runtime/oci-config.ts';
import { writeFileAtomic } from '../../state/atomic-file.ts';
import { withCacheLock } from '../cache-lock.ts';
import { ImageBuildError } from '../host-program.ts';
import { shiftOwners } from '../shift-owners.ts';
import { type Credentials, withAuthFile } from './credentials.ts';
import { imageEnvironment } from './environment.ts';
import { nameOf, type RegistryImage } from './reference.ts';
import { findRegistry, type Registries, requirePublic } from './registries.ts';
import {
  type Access,
  ARCHITECTURE,
  copyImage,
  type InspectedImage,
  inspectImage,
  RegistryUnreachableError,
  tooLarge,
} from './skopeo.ts';
import { unpackImage, withWorkArea } from './unpack.ts';

/** Raise it when images have to be unpacked anew. */
const OCI_RECIPE = 1;

const Stored = z.object({
  version: z.literal(1),
  /** As it was asked for last. */
  name: z.string(),
  digest: z.string(),
  env: z.record(z.string(), z.string()),
  /** It was given for a login: who has none must not have it while the registry cannot be asked. */
  isPrivate: z.boolean().default(false),
  fetchedAt: z.string(),
});
export type StoredImage = z.infer<typeof Stored> & { layer: string };

export type OciOptions = {
  /** Folder of the finished layers. */
  cacheDir: string;
  runDir: string;
  registries: Registries;
  /** The largest image, unpacked and packed together, in MiB. */
  maxMb: number;
  /** Free space (MiB) that is left in any case. */
  minFreeMb: number;
};

/** Images of registries: each digest is fetched and unpacked once, `<cacheDir>/oci-<key>` and `oci-<key>.json`. */
export class OciStore {
  readonly #options: OciOptions;

  constructor(options: OciOptions) {
    this.#options = options;
  }

  /**
   * Makes sure of the newest image of this name.
   * @throws ImageBuildError, BadRequestError
   */
  async ensure(
    image: RegistryImage,
    credentials: Credentials | undefined,
    onLine: (line: string) => void,
  ): Promise<StoredImage> {
    const { runDir, registries } = this.#options;
    const { plainHttp } = findRegistry(registries, image.host);
    await requirePublic(registries, image.host);
    if (credentials === undefined) return this.#fetch(image, { plainHttp, authFile: undefined }, onLine);
    return withAuthFile(runDir, image.host, credentials, (authFile) =>
      this.#fetch(image, { plainHttp, authFile }, onLine),
    );
  }

  async list(): Promise<StoredImage[]> {
    const { cacheDir } = this.#options;
    const names = (await readdir(cacheDir).catch((): string[] => [])).filter((name) => /^oci-[0-9a-f]{16}$/.test(name));
    const found = await Promise.all(names.map((name) => this.#read(path.join(cacheDir, name))));
    return found.filter((stored) => stored !== null);
  }

  async #fetch(image: RegistryImage, access: Access, onLine: (line: string) => void): Promise<StoredImage> {
    const name = nameOf(image);
    let inspected: InspectedImage;
    try {
      inspected = await inspectImage(image, access);
    } catch (error) {
      const earlier = error instanceof RegistryUnreachableError ? await this.#newestPublic(name) : undefined;
      if (earlier === undefined) throw error;
      onLine(`The registry cannot be reached: taking ${name} as it was on ${earlier.fetchedAt}`);
      return earlier;
    }
    checkImage(name, inspected, this.#options.maxMb);
    const layer = path.join(this.#options.cacheDir, `oci-${keyOf(inspected.digest)}`);
    return withCacheLock(
      `${layer}.lock`,
      () => onLine(`Waiting for another fetch of ${name}`),
      async () => {
        const known = await this.#read(layer);
        if (known === null) await this.#unpack(image, inspected, access, layer, onLine);
        const stored = {
          version: 1 as const,
          name,
          digest: inspected.digest,
          env: imageEnvironment(inspected.env),
          isPrivate: access.authFile !== undefined && known?.isPrivate !== false,
          fetchedAt: new Date().toISOString(),
        };
        if (known?.name !== name || known.isPrivate !== stored.isPrivate)
          await writeFileAtomic(`${layer}.json`, `${JSON.stringify(stored)}\n`);
        return { ...(known ?? stored), name, isPrivate: stored.isPrivate, layer };
      },
    );
  }

  async #unpack(
    image: RegistryImage,
    { digest }: InspectedImage,
    access: Access,
    layer: string,
    onLine: (line: string) => void,
  ): Promise<void> {
    const { cacheDir, runDir, maxMb, minFreeMb } = this.#options;
    await mkdir(cacheDir, { recursive: true });
    await removeLeftovers(layer);
    const temporary = `${layer}.${process.pid}.tmp`;
    onLine(`Fetching ${nameOf(image)} (${digest})`);
    try {
      await withWorkArea({ runDir, scratch: cacheDir, maxMb }, async (work) => {
        await copyImage(image, digest, access, path.join(work, 'oci'), onLine);
        await unpackImage(work, temporary, nameOf(image), { minFreeMb }, onLine);
      });
      await shiftOwners(temporary).catch((error: unknown) => {
        throw new ImageBuildError(`image '${nameOf(image)}' has files with owners that a sandbox cannot have`, error);
      });
      await rename(temporary, layer);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
  }

  /** What was fetched under this name last. */
  async #newestPublic(name: string): Promise<StoredImage | undefined> {
    const found = (await this.list()).filter((stored) => stored.name === name && !stored.isPrivate);
    return found.toSorted((a, b) => b.fetchedAt.localeCompare(a.fetchedAt))[0];
  }

  async #read(layer: string): Promise<StoredImage | null> {
    try {
      const stored = Stored.parse(JSON.parse(await readFile(`${layer}.json`, 'utf8')));
      return (await stat(layer)).isDirectory() ? { ...stored, layer } : null;
    } catch {
      return null;
    }
  }
}

function keyOf(digest: string): string {
  const inputs = JSON.stringify([OCI_RECIPE, SHIFTED_ROOT, ARCHITECTURE, digest]);
  return createHash('sha256').update(inputs).digest('hex').slice(0, 16);
}

function checkImage(name: string, { os, architecture, compressedBytes }: InspectedImage, maxMb: number): void {
  if (os !== 'linux' || architecture !== ARCHITECTURE) {
    throw new ImageBuildError(`image '${name}' is for ${os}/${architecture}: this machine needs linux/${ARCHITECTURE}`);
  }
  if (compressedBytes / 2 ** 20 > maxMb) throw new ImageBuildError(tooLarge(name));
}

/** What an interrupted run left of this image, a layer without its description included. */
async function removeLeftovers(layer: string): Promise<void> {
  const folder = path.dirname(layer);
  for (const name of await readdir(folder)) {
    const isOurs =
      name === path.basename(layer) || (name.startsWith(`${path.basename(layer)}.`) && name.endsWith('.tmp'));
    if (isOurs) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}
