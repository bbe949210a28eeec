/**
 * Which page may cause a request. Cookies travel with requests that other sites (and apps that users built, on a
 * sibling domain) cause, so writes need the Origin of our own pages, and reads must not come from foreign scripts.
 */
export type OriginFacts = {
  method: string;
  upgrade?: boolean;
  origin?: string | undefined;
  /** Sec-Fetch-Site */
  fetchSite?: string | undefined;
  /** Sec-Fetch-Mode */
  fetchMode?: string | undefined;
  /** Sec-Fetch-Dest */
  fetchDest?: string | undefined;
};

export type OriginVerdict = { ok: true } | { ok: false; message: string };

const READ_METHODS = new Set(['GET', 'HEAD']);
// What a sandbox sends is never code for our own origin, whatever tag asks for it.
const CODE_DESTINATIONS = new Set([
  'script',
  'worker',
  'sharedworker',
  'serviceworker',
  'audioworklet',
  'paintworklet',
  'style',
  'xslt',
  'object',
  'embed',
  'manifest',
]);

/** @param ownOrigin origin of PUBLIC_URL, for example `https://cloud.example.com` */
export function checkOrigin(facts: OriginFacts, ownOrigin: string): OriginVerdict {
  if (facts.upgrade || !READ_METHODS.has(facts.method)) {
    if (facts.origin !== undefined) {
      if (facts.origin === ownOrigin) return { ok: true };
      return refuse(`Requests from another origin are refused; this installation is served from ${ownOrigin}.`);
    }
    if (facts.fetchSite === 'same-origin') return { ok: true };
    return refuse(`The request needs an Origin header with ${ownOrigin}.`);
  }
  if (facts.fetchDest !== undefined && CODE_DESTINATIONS.has(facts.fetchDest)) {
    return refuse('What a sandbox answers cannot be loaded as code.');
  }
  if (facts.fetchSite === undefined || facts.fetchSite === 'same-origin' || facts.fetchSite === 'none') {
    return { ok: true };
  }
  // A link on another site may open a page; scripts and tags of another site may not read with the visitor's session.
  if (facts.fetchMode === 'navigate' && facts.fetchDest === 'document') return { ok: true };
  return refuse('Requests from another site are refused.');
}

function refuse(message: string): OriginVerdict {
  return { ok: false, message };
}
