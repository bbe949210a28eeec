import { z } from 'zod';
import { ImageBuildError, runWithProgress } from '../host-program.ts';
import { nameOf, type RegistryImage } from './reference.ts';

const INSPECT_MS = 2 * 60_000;
const COPY_MS = 30 * 60_000;

const ARCHITECTURES: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };
/** As registries name this machine's. */
export const ARCHITECTURE = ARCHITECTURES[process.arch] ?? process.arch;

const Inspected = z.object({
  Digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  Architecture: z.string(),
  Os: z.string(),
  Env: z.array(z.string()).nullish(),
  LayersData: z.array(z.object({ Size: z.number() })).nullish(),
});

export type InspectedImage = {
  digest: string;
  architecture: string;
  os: string;
  env: string[];
  /** Bytes of the compressed layers, where the registry tells. */
  compressedBytes: number;
};

/** How the registry is talked to. */
export type Access = { plainHttp: boolean; authFile: string | undefined };

/** Nobody could be asked: the address does not resolve, nothing listens, or TLS fails. */
export class RegistryUnreachableError extends ImageBuildError {}

const globals = ['--override-os', 'linux', '--override-arch', ARCHITECTURE];

/** Asks the registry what the image is. @throws ImageBuildError in words for whoever wrote the template */
export async function inspectImage(image: RegistryImage, access: Access): Promise<InspectedImage> {
  const lines: string[] = [];
  const tls = access.plainHttp ? ['--tls-verify=false'] : [];
  const login = authentication(access, '--no-creds');
  const args = [...globals, 'inspect', '--no-tags', ...tls, ...login, `docker://${nameOf(image)}`];
  await skopeo(image, args, INSPECT_MS, (line) => lines.push(line));
  const text = lines.join('\n');
  const found = Inspected.parse(JSON.parse(text.slice(text.indexOf('{'))));
  return {
    digest: found.Digest,
    architecture: found.Architecture,
    os: found.Os,
    env: found.Env ?? [],
    compressedBytes: (found.LayersData ?? []).reduce((sum, { Size }) => sum + Math.max(0, Size), 0),
  };
}

/** Copies exactly the image with `digest` into an OCI layout at `<folder>`, under the name `image`. */
export async function copyImage(
  image: RegistryImage,
  digest: string,
  access: Access,
  folder: string,
  onLine: (line: string) => void,
): Promise<void> {
  const tls = access.plainHttp ? ['--src-tls-verify=false'] : [];
  const source = `docker://${nameOf({ ...image, version: `@${digest}` })}`;
  // An index is more than this machine needs: of its images, ours alone is copied.
  const args = [
    ...globals,
    'copy',
    '--retry-times',
    '2',
    ...tls,
    ...authentication(access, '--src-no-creds'),
    source,
    `oci:${folder}:image`,
  ];
  await skopeo(image, args, COPY_MS, onLine);
}

/** Never the logins that root has on this machine: they are not the caller's. */
const authentication = ({ authFile }: Access, nobody: string) =>
  authFile === undefined ? [nobody] : ['--authfile', authFile];

async function skopeo(image: RegistryImage, args: string[], timeoutMs: number, onLine: (line: string) => void) {
  try {
    await runWithProgress('skopeo', args, { onLine, timeoutMs });
  } catch (error) {
    throw describe(image, error);
  }
}

/** What a registry's answers mean, in the order in which they are looked for. */
const REASONS: [RegExp, (name: string, image: RegistryImage) => string][] = [
  [/ENOENT/, () => MISSING_PROGRAMS],
  [/no space left on device/i, (name) => tooLarge(name)],
  [
    /manifest unknown|manifest .*not found|no image found in .* for architecture/i,
    (name) => `image '${name}' not found: the registry has no such image, tag or digest for linux/${ARCHITECTURE}`,
  ],
  [/name unknown|repository .*not found/i, (name) => `repository of '${name}' not found: check the name of the image`],
  [
    /unauthorized|authentication required|invalid username\/password|denied|no basic auth/i,
    (name) => `access to '${name}' denied: it does not exist, or a login for its registry is missing or wrong`,
  ],
];

const UNREACHABLE =
  /dial tcp|no such host|i\/o timeout|connection refused|network is unreachable|x509|tls:|TLS handshake|EOF|server gave HTTP response|pinging container registry|killed/i;

const MISSING_PROGRAMS =
  'images of registries need the Debian packages skopeo and umoci on the machine of the engine: ' +
  'apt-get install skopeo umoci. Images that it makes itself need neither: debian:bookworm, node:<version>, e2bdev/base';

export const tooLarge = (name: string) =>
  `image '${name}' is too large for this engine: see ENGINE_IMAGE_MAX_MB; use a smaller one`;

/** A program of Debian's package umoci or skopeo is not there. */
export const missingPrograms = () => new ImageBuildError(MISSING_PROGRAMS);

function describe(image: RegistryImage, error: unknown): ImageBuildError {
  const name = nameOf(image);
  const output = error instanceof Error ? error.message : String(error);
  const reason = REASONS.find(([pattern]) => pattern.test(output));
  if (reason) return new ImageBuildError(reason[1](name, image), error);
  const last = output.trim().split('\n').at(-1)?.slice(-300) ?? '';
  if (UNREACHABLE.test(output)) {
    return new RegistryUnreachableError(
      `registry ${image.host} cannot be reached from the machine of the engine, so '${name}' cannot be fetched: ${last}. ` +
        'Images that the engine makes itself need no registry: debian:bookworm, node:<version>, e2bdev/base',
      error,
    );
  }
  return new ImageBuildError(`image '${name}' could not be fetched: ${last}`, error);
}
