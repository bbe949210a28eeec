import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { command } from '../runtime/command.ts';
import { parseIpv4 } from './addresses.ts';

/**
 * DNS servers that sandboxes can ask too. A resolver on the host's loopback is out of their reach: then those that
 * systemd-resolved asks are taken. Empty when there is none.
 */
export async function findResolvers(
  files = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'],
): Promise<string[]> {
  for (const file of files) {
    const servers = nameservers(await readFile(file, 'utf8').catch(() => ''));
    if (servers.length > 0) return servers;
  }
  return [];
}

export function nameservers(text: string): string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)]
    .map((match) => match[1] ?? '')
    .filter((address) => parseIpv4(address) !== null && !address.startsWith('127.') && address !== '0.0.0.0')
    .slice(0, 3);
}

/** Lines of the host's resolv.conf that a sandbox needs as well (search domains and options). */
export async function resolverOptions(file = '/etc/resolv.conf'): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => /^(search|domain|options)\s/.test(line));
}

/**
 * `host:port` of the host's npm registry and Debian mirrors. On closed networks these sit inside the ranges that
 * sandboxes are denied, yet installing packages is part of their work.
 */
export async function packageHosts(): Promise<string[]> {
  const urls = [...(await npmRegistries()), ...(await debianMirrors())];
  return [...new Set(urls.map(hostPortOf).filter((value) => value !== null))];
}

export function hostPortOf(text: string): string | null {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
}

async function npmRegistries(): Promise<string[]> {
  const output = await command('npm', ['config', 'get', 'registry'], {
    cwd: '/',
    env: Object.fromEntries(
      Object.entries(process.env).filter(
        ([name, value]) => value !== undefined && /^(HOME|PATH|npm_config_.*)$/i.test(name),
      ),
    ) as Record<string, string>,
  }).catch(() => '');
  return output.split('\n').map((line) => line.trim());
}

async function debianMirrors(directory = '/etc/apt'): Promise<string[]> {
  const lists = path.join(directory, 'sources.list.d');
  const names = await readdir(lists).catch(() => []);
  const files = [
    path.join(directory, 'sources.list'),
    ...names.filter((name) => /\.(list|sources)$/.test(name)).map((name) => path.join(lists, name)),
  ];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return texts.flatMap(mirrorsIn);
}

/** URLs in sources.list (one-line) or .sources (deb822) form. */
export function mirrorsIn(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => /^\s*(deb(-src)?\s|URIs:)/.test(line))
    .flatMap((line) => line.match(/https?:\/\/\S+/g) ?? []);
}
