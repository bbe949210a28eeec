/** Studio's entry page names its scripts and styles; they are large, and the wait is the time to get them. */
const STUDIO_PAGE = '/studio/';
const MAX_PAGE_CHARACTERS = 200_000;
const MAX_FILES = 20;

/** The files below /studio/ that a page loads at once, in its order. Anything on another origin is left out. */
export function entryFiles(html: string): string[] {
  const found = new Set<string>();
  for (const tag of html.slice(0, MAX_PAGE_CHARACTERS).matchAll(/<(?:script|link)\b[^>]*>/gi)) {
    const address = /\s(?:src|href)="([^"]+)"/i.exec(tag[0])?.[1];
    if (!address || !wanted(tag[0])) continue;
    const path = address.startsWith('./') ? `${STUDIO_PAGE}${address.slice(2)}` : address;
    if (/^\/studio\/[\w./-]+\.(?:m?js|css)$/.test(path) && !path.includes('..')) found.add(path);
    if (found.size === MAX_FILES) break;
  }
  return [...found];
}

function wanted(tag: string): boolean {
  return /^<script/i.test(tag) || /\srel="(?:modulepreload|stylesheet|preload)"/i.test(tag);
}

/** Fetches Studio's first files into the browser's cache. Only a matter of speed: whatever goes wrong is ignored. */
export async function prefetchStudio(signal: AbortSignal): Promise<void> {
  try {
    const response = await fetch(STUDIO_PAGE, { headers: { accept: 'text/html' }, signal, priority: 'low' });
    if (!response.ok) return;
    for (const file of entryFiles(await response.text())) {
      const link = document.createElement('link');
      link.rel = 'prefetch';
      link.as = file.endsWith('.css') ? 'style' : 'script';
      link.href = file;
      document.head.append(link);
    }
  } catch {
    // Studio loads its files itself then.
  }
}
