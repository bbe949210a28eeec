import { type Providers, PROVIDER_NAMES } from '../../lib/gateway/provider.ts';
import type { WorkspaceInfo } from './workspace-route.ts';

/** @param defaultModel `<provider>/<model>` of the starter project */
export function workspaceInfo(providers: Providers, defaultModel: string): WorkspaceInfo {
  const states = PROVIDER_NAMES.map((name) => {
    const upstream = providers[name];
    return [name, upstream === null ? 'none' : upstream.demo ? 'demo' : 'live'] as const;
  });
  const byName: WorkspaceInfo['providers'] = Object.fromEntries(states);
  return { demo: byName[defaultModel.split('/')[0] ?? ''] === 'demo', providers: byName };
}
