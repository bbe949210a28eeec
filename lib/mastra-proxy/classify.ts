/**
 * What a request to the sandbox means for its sleep. A person's doing wakes and keeps it awake; what a page does by
 * itself in the background does neither, or an open tab would keep a sandbox running for weeks.
 */
export type RequestKind = 'background' | 'navigation' | 'write';

const READ_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export type ClassifiedRequest = {
  method: string;
  /** Value of Sec-Fetch-Mode, which browsers set and pages cannot. */
  fetchMode?: string | undefined;
  accept?: string | undefined;
  upgrade?: boolean;
};

export function classifyRequest(request: ClassifiedRequest): RequestKind {
  if (!READ_METHODS.has(request.method)) return 'write';
  // A browser window inside an agent is opened by a click and used interactively.
  if (request.upgrade) return 'write';
  if (request.fetchMode !== undefined) return request.fetchMode === 'navigate' ? 'navigation' : 'background';
  return acceptsHtml(request.accept) ? 'navigation' : 'background';
}

/** Whether the client would rather see a page than JSON. `*\/*` alone does not count: every fetch sends it. */
export function acceptsHtml(accept: string | undefined): boolean {
  return accept !== undefined && /\btext\/html\b/i.test(accept);
}

export function wakesSandbox(kind: RequestKind): boolean {
  return kind !== 'background';
}

/** Whether the request moves the engine's idle timeout. Navigations do not: a page that reloads itself is no work. */
export function extendsSandbox(kind: RequestKind): boolean {
  return kind === 'write';
}
