import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const MAX_FILES = 20;

let files: Promise<string[]> | undefined;

/** The files that Studio's page loads at once. Large; the time before Studio opens is the time to get them. */
export function studioEntryFiles(): Promise<string[]> {
  // Without a build of Studio there is nothing to get ahead of time, and the page works all the same.
  files ??= readFile(join(process.cwd(), '.studio/index.html'), 'utf8').then(entryFiles, () => []);
  return files;
}

/** Addresses of the scripts and styles below /studio/ that a page loads, in its order. */
export function entryFiles(html: string): string[] {
  const found = new Set<string>();
  for (const [tag] of html.matchAll(/<(?:script|link)\b[^>]*>/gi)) {
    if (!/^<script/i.test(tag) && !/\srel="(?:modulepreload|stylesheet)"/i.test(tag)) continue;
    const address = /\s(?:src|href)="([^"]+)"/i.exec(tag)?.[1]?.replace(/^\.\//, '/studio/') ?? '';
    if (/^\/studio\/[\w./-]+\.(?:m?js|css)$/.test(address) && !address.includes('..')) found.add(address);
  }
  return [...found].slice(0, MAX_FILES);
}
