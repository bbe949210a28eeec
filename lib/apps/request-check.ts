import type { OriginFacts, OriginVerdict } from '../mastra-proxy/origin.ts';
import type { AppsTarget } from './path.ts';

export type AppsRequestFacts = OriginFacts & {
  /** The `Service-Worker` header, which browsers send with the script of one and pages cannot. */
  serviceWorker?: string | undefined;
  /** Sec-Purpose */
  purpose?: string | undefined;
};

const READ_METHODS = new Set(['GET', 'HEAD']);

/**
 * Who may cause a request on an apps' origin: its own pages, and a person who follows a link to an app. Every other
 * site may not, and to browsers the control plane and other people's apps can be the same site.
 */
export function checkAppsRequest(
  facts: AppsRequestFacts,
  target: AppsTarget['kind'],
  ownOrigin: string,
): OriginVerdict {
  // All apps of a sandbox share their origin, and a worker outlives the code that started it: what the agent wrote and
  // the person undid would go on answering for the app, without any request that we see.
  if (facts.serviceWorker !== undefined || facts.fetchDest === 'serviceworker') {
    return refuse('Apps cannot have service workers here.');
  }
  if (target === 'enter') return checkEntry(facts, ownOrigin);
  if (!READ_METHODS.has(facts.method)) {
    if (facts.origin !== undefined) {
      return facts.origin === ownOrigin ? { ok: true } : refuse('Requests from another origin are refused.');
    }
    return facts.fetchSite === 'same-origin' ? { ok: true } : refuse(`The request needs an Origin header.`);
  }
  if (facts.fetchSite === undefined || facts.fetchSite === 'same-origin' || facts.fetchSite === 'none') {
    return { ok: true };
  }
  const isLink = facts.fetchMode === 'navigate' && facts.fetchDest === 'document';
  if (isLink && target !== 'api') return { ok: true };
  return refuse('Requests from another site are refused.');
}

/**
 * A ticket is used by a person's browser that goes to the app, not by a script, a frame or a look ahead. POST is what the
 * page sends that asks the person.
 */
function checkEntry(facts: AppsRequestFacts, ownOrigin: string): OriginVerdict {
  if (facts.method !== 'GET' && facts.method !== 'POST') return refuse('Only GET and POST are supported here.');
  if (facts.method === 'POST' && facts.origin !== ownOrigin) return refuse('Requests from another origin are refused.');
  if (facts.purpose?.includes('prefetch')) return refuse('An app is not opened ahead of time.');
  if (facts.fetchMode === undefined || (facts.fetchMode === 'navigate' && facts.fetchDest === 'document')) {
    return { ok: true };
  }
  return refuse('An app is opened in a tab of its own.');
}

function refuse(message: string): OriginVerdict {
  return { ok: false, message };
}
