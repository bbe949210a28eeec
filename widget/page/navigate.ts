/** Where a path of Studio leads on this origin, or null when it is not one of Studio's pages. */
export function studioAddress(path: string, origin: string): string | null {
  try {
    const url = new URL(path, origin);
    const own = url.origin === origin && (url.pathname === '/studio' || url.pathname.startsWith('/studio/'));
    return own ? url.pathname + url.search + url.hash : null;
  } catch {
    return null;
  }
}

/**
 * Shows a page of Studio without losing the chat: Studio's router follows the address when it is told that it changed.
 * Outside Studio, the page is loaded.
 */
export function openInStudio(path: string): void {
  const address = studioAddress(path, location.origin);
  if (address === null) return;
  if (!location.pathname.startsWith('/studio')) return location.assign(address);
  history.pushState({ idx: 0, key: crypto.randomUUID().slice(0, 8) }, '', address);
  window.dispatchEvent(new PopStateEvent('popstate', { state: history.state }));
}

/** Studio's queries refetch when the window says that it became visible. */
export function refreshStudio(): void {
  window.dispatchEvent(new Event('visibilitychange'));
}

/** A link that may be followed, made absolute: http(s) only. */
export function safeLink(href: string | undefined, base: string): string | null {
  try {
    const url = new URL(href ?? '', base);
    return href && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : null;
  } catch {
    return null;
  }
}

/** A picture that may be loaded: ours, or one that is its own content. Another site would learn of the look at it. */
export function safeImage(src: string | undefined, base: string): string | null {
  if (src && /^data:image\/(?:png|jpeg|gif|webp);/.test(src)) return src;
  const link = safeLink(src, base);
  return link !== null && new URL(link).origin === new URL(base).origin ? link : null;
}
