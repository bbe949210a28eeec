import { type Providers, PROVIDER_NAMES } from '../../lib/gateway/provider.ts';
import type { WorkspaceInfo } from './workspace-route.ts';

/** @param defaultModel `<provider>/<model>` of the starter project */
export function workspaceInfo(providers: Providers, defaultModel: string): WorkspaceInfo {
  const states = PROVIDER_NAMES.map((name) => {
    const provider = providers.get(name);
    return [name, provider === undefined ? 'none' : provider.demo ? 'demo' : 'live'] as const;
  });
  const byName: WorkspaceInfo['providers'] = Object.fromEntries(states);
  return { demo: byName[defaultModel.split('/')[0] ?? ''] === 'demo', providers: byName };
}
