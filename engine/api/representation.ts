import type { SandboxRecord } from '../state/record.ts';

/** The version of E2B's envd whose features ours has; the SDK switches on features by it. */
export const ENVD_VERSION = '0.6.13';

/** E2B names the node here; there is only one. */
const CLIENT_ID = 'local';

/** What create, connect and resume answer. */
export function sandboxBody(record: SandboxRecord, domain: string) {
  return {
    sandboxID: record.id,
    templateID: record.templateID,
    ...(record.alias === undefined ? {} : { alias: record.alias }),
    clientID: CLIENT_ID,
    envdVersion: ENVD_VERSION,
    domain,
    ...(record.secure === false ? {} : { envdAccessToken: record.envdToken }),
    ...(record.trafficToken === undefined ? {} : { trafficAccessToken: record.trafficToken }),
  };
}

export function listedSandboxBody(record: SandboxRecord) {
  return {
    sandboxID: record.id,
    templateID: record.templateID,
    ...(record.alias === undefined ? {} : { alias: record.alias }),
    clientID: CLIENT_ID,
    startedAt: new Date(record.startedAt).toISOString(),
    endAt: new Date(record.endAt).toISOString(),
    state: record.state,
    cpuCount: record.cpuCount,
    memoryMB: record.memoryMb,
    diskSizeMB: record.diskMb,
    envdVersion: ENVD_VERSION,
    metadata: record.metadata,
    ...memoryOf(record),
  };
}

/**
 * Not part of E2B's answers: whether a paused sandbox goes on where it stood (`kept`) or starts from its disk, and since
 * when, if the engine needed its room.
 */
function memoryOf({ state, process, hibernatedAt }: SandboxRecord) {
  if (state !== 'paused') return {};
  return {
    memory: process === null ? 'none' : 'kept',
    ...(hibernatedAt === undefined ? {} : { hibernatedAt: new Date(hibernatedAt).toISOString() }),
  };
}

export function sandboxDetailBody(record: SandboxRecord, domain: string) {
  return {
    ...listedSandboxBody(record),
    domain,
    ...(record.secure === false ? {} : { envdAccessToken: record.envdToken }),
    allowInternetAccess: record.allowInternetAccess,
    network: { ...record.network, allowPublicTraffic: record.trafficToken === undefined },
    lifecycle: { onTimeout: record.onTimeout, autoResume: record.autoResume },
  };
}
