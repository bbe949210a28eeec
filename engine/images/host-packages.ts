import { createHash } from 'node:crypto';
import { readdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { command, CommandError } from '../runtime/command.ts';

/** The Debian release of the base image, whatever the host runs. */
export const SUITE = 'bookworm';
const CA_FOLDER = '/usr/local/share/ca-certificates';
const SYSTEM_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

/** How this host gets packages: it is read when an image is made, so that sandboxes get them the same way. */
export type HostPackages = {
  /** `deb` lines; none where apt lists no mirror of Debian: mmdebstrap then takes its own default. */
  debianSources: string[];
  /** The npm registry that this host is set up with. */
  npmRegistry: string | undefined;
  /** Certificates of authorities that only this host trusts, by file name. */
  certificates: Map<string, string>;
};

export async function readHostPackages(): Promise<HostPackages> {
  const [debianSources, npm, certificates] = await Promise.all([readSources(), readNpm(), readCertificates()]);
  const extra = await readExtraBundle([process.env.NODE_EXTRA_CA_CERTS, npm.cafile]);
  if (extra) certificates.set('host-extra.crt', extra);
  return { debianSources, npmRegistry: npm.registry, certificates };
}

/**
 * What a program of the host says; nothing when it is not there or refuses.
 * @throws CommandError when it was ended before it could say anything, which tells nothing of the host
 */
export async function ask(program: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  return command(program, args, { env }).catch((error: unknown) => {
    const wasEnded = error instanceof CommandError && error.exitCode === null && !error.message.includes('ENOENT');
    if (wasEnded) throw error;
    return '';
  });
}

async function readSources(): Promise<string[]> {
  return debianSources(await ask('apt-get', ['indextargets', '--format', '$(SITE) $(CODENAME) $(COMPONENT)']));
}

/**
 * `deb` lines for {@link SUITE} from apt's own list of `site codename component`: the host's mirrors of Debian,
 * nobody else's repositories.
 */
export function debianSources(listed: string): string[] {
  const known = /^(bullseye|bookworm|trixie|forky|sid)(-updates|-security)?$/;
  const sites = new Map<string, string>();
  for (const line of listed.split('\n')) {
    const [site, codename = '', component] = line.split(' ');
    const match = known.exec(codename);
    if (site && match && component === 'main' && !sites.has(match[2] ?? '')) sites.set(match[2] ?? '', site);
  }
  const main = sites.get('');
  if (main === undefined) return [];
  const security = sites.get('-security');
  return [
    `deb ${main} ${SUITE} main`,
    `deb ${sites.get('-updates') ?? main} ${SUITE}-updates main`,
    ...(security === undefined ? [] : [`deb ${security} ${SUITE}-security main`]),
  ];
}

async function readNpm(): Promise<{ registry: string | undefined; cafile: string | undefined }> {
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
  const listed = await ask('npm', ['config', 'get', 'registry', 'cafile'], env);
  const read = (key: string) => {
    const value = new RegExp(`^${key}=(.*)$`, 'm').exec(listed)?.[1]?.trim();
    return value && value !== 'null' && value !== 'undefined' ? value : undefined;
  };
  const registry = read('registry');
  return { registry: registry && publicUrl(registry), cafile: read('cafile') };
}

/** The registry without credentials. */
function publicUrl(registry: string): string | undefined {
  if (!URL.canParse(registry)) return undefined;
  const url = new URL(registry);
  url.username = '';
  url.password = '';
  return url.href;
}

async function readCertificates(): Promise<Map<string, string>> {
  const names = await readdir(CA_FOLDER, { recursive: true }).catch((): string[] => []);
  const found = new Map<string, string>();
  for (const name of names.filter((file) => file.endsWith('.crt')).sort()) {
    found.set(name.replaceAll('/', '-'), await readFile(path.join(CA_FOLDER, name), 'utf8'));
  }
  return found;
}

/** Certificates that the host's Node or npm is told to trust besides the system's own. */
async function readExtraBundle(files: (string | undefined)[]): Promise<string | undefined> {
  const system = await realpath(SYSTEM_BUNDLE).catch(() => SYSTEM_BUNDLE);
  for (const file of files) {
    const real = file && (await realpath(file).catch(() => undefined));
    if (real && real !== system) return readFile(real, 'utf8');
  }
  return undefined;
}

/** Changes when the host's way to get packages does. */
export function fingerprint(host: HostPackages): string {
  const content = JSON.stringify([host.debianSources, host.npmRegistry, [...host.certificates]]);
  return createHash('sha256').update(content).digest('hex');
}
