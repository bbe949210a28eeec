import { createSessionVerifier, type SessionVerifier } from '../../lib/auth/session.ts';
import { createContext, type Context } from '../../lib/context.ts';
import { loadSettings } from '../../lib/settings.ts';

type Shared = { context: Context; sessions: SessionVerifier };

// Next bundles pages and routes apart, so that a variable of this module would exist several times in one process.
const home = globalThis as typeof globalThis & { shmastraWeb?: Shared };

/** The context of this process, made at the first request and never during the build. */
export function getContext(): Context {
  return shared().context;
}

/** Verifies sessions, cached and invalidated like everywhere else. */
export function getSessions(): SessionVerifier {
  return shared().sessions;
}

function shared(): Shared {
  if (!home.shmastraWeb) {
    const context = createContext(loadSettings(), { name: 'web' });
    home.shmastraWeb = { context, sessions: createSessionVerifier(context) };
  }
  return home.shmastraWeb;
}
