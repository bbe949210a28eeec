import type { SandboxRecord } from '../state/record.ts';

/** A record of a sandbox for tests that need no sandbox. */
export function testRecord(change: Partial<SandboxRecord> = {}): SandboxRecord {
  return {
    version: 1,
    id: 'itest',
    templateID: 'tbase',
    buildID: 'build',
    alias: 'base',
    metadata: {},
    layers: [],
    addressIndex: 2,
    cpuCount: 1,
    memoryMb: 512,
    diskMb: 1024,
    envVars: {},
    user: 'user',
    allowInternetAccess: true,
    envdToken: 'token',
    onTimeout: 'kill',
    keepMemory: true,
    autoResume: false,
    state: 'running',
    startedAt: 0,
    timeoutSeconds: 300,
    endAt: 300_000,
    process: null,
    ...change,
  };
}
