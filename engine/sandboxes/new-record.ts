import { randomBytes } from 'node:crypto';
import type { SandboxNetwork, SandboxRecord } from '../state/record.ts';
import { newSandboxId } from './ids.ts';
import type { MachineSpec } from './machines.ts';
import type { EnvdInit, ResolvedTemplate } from './types.ts';

export type CreateInput = {
  templateID: string;
  timeoutSeconds: number;
  metadata: Record<string, string>;
  envVars: Record<string, string>;
  allowInternetAccess: boolean;
  allowPublicTraffic: boolean;
  network?: SandboxNetwork;
  onTimeout: 'kill' | 'pause';
  keepMemory: boolean;
  autoResume: boolean;
  /** False: envd takes callers without a token. */
  secure?: boolean;
};

const newToken = () => randomBytes(24).toString('hex');

/** The record of a sandbox that is about to start. */
export function newRecord(
  input: CreateInput,
  template: ResolvedTemplate,
  addressIndex: number,
  startedAt: number,
): SandboxRecord {
  const { templateID: _, envVars, allowPublicTraffic, ...kept } = input;
  const { templateID, buildID, alias, layers, user, workdir, startCmd, cpuCount, memoryMb, diskMb } = template;
  return {
    version: 1,
    id: newSandboxId(),
    ...kept,
    ...{ templateID, buildID, layers, addressIndex, cpuCount, memoryMb, diskMb, user, startedAt },
    ...(alias === undefined ? {} : { alias }),
    ...(workdir === undefined ? {} : { workdir }),
    ...(startCmd === undefined ? {} : { startCmd }),
    envVars: { ...template.env, ...envVars },
    envdToken: newToken(),
    ...(allowPublicTraffic ? {} : { trafficToken: newToken() }),
    state: 'running',
    endAt: startedAt + input.timeoutSeconds * 1000,
    process: null,
  };
}

/** The record of a fork that is about to start: all that its source was made with, and tokens of its own. */
export function forkedRecord(
  source: SandboxRecord,
  addressIndex: number,
  timeoutSeconds: number,
  startedAt: number,
): SandboxRecord {
  return {
    ...source,
    id: newSandboxId(),
    envdToken: newToken(),
    ...(source.trafficToken === undefined ? {} : { trafficToken: newToken() }),
    state: 'running',
    endAt: startedAt + timeoutSeconds * 1000,
    process: null,
    ...{ addressIndex, timeoutSeconds, startedAt },
  };
}

/** What commands in the sandbox get by default. */
export function envdDefaults(record: SandboxRecord): EnvdInit {
  const { id, templateID, user, workdir } = record;
  return {
    envVars: { ...record.envVars, E2B_SANDBOX: 'true', E2B_SANDBOX_ID: id, E2B_TEMPLATE_ID: templateID },
    defaultUser: user,
    ...(workdir === undefined ? {} : { defaultWorkdir: workdir }),
  };
}

/** What the machine of a sandbox is made from, each time it starts. */
export function machineSpec(record: SandboxRecord, diskFile: string): MachineSpec {
  const { id, layers, diskMb, cpuCount, memoryMb, allowInternetAccess, network, addressIndex, envdToken } = record;
  return {
    ...{ id, layers, diskMb, cpuCount, memoryMb, allowInternetAccess, addressIndex, envdToken, diskFile },
    ...(network === undefined ? {} : { network }),
    // envd takes it out of its environment at once, as it does with its token.
    env: { ENVD_DEFAULTS: JSON.stringify(envdDefaults(record)) },
  };
}
