import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { WIDGET_MOUNT, widgetManifestSchema } from '../../lib/studio/widget.ts';

const MAX_FILES = 20;

let files: Promise<string[]> | undefined;

/** The files that Studio's page loads at once. Large; the time before Studio opens is the time to get them. */
export function studioEntryFiles(): Promise<string[]> {
  // Without a build of Studio there is nothing to get ahead of time, and the page works all the same.
  files ??= Promise.all([
    readFile(join(process.cwd(), '.studio/index.html'), 'utf8').then(entryFiles, () => []),
    readFile(join(process.cwd(), '.widget/manifest.json'), 'utf8')
      .then(widgetScript)
      .catch(() => []),
  ]).then((lists) => lists.flat());
  return files;
}

/** The script that the front puts into the same page. */
export function widgetScript(manifest: string): string[] {
  return [`${WIDGET_MOUNT}/${widgetManifestSchema.parse(JSON.parse(manifest)).script}`];
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
