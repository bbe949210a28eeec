import { z } from 'zod';
import { ProcessIdentity } from '../runtime/process.ts';

const strings = z.record(z.string(), z.string());

/** What create and network updates asked for, as they asked for it. */
export const SandboxNetwork = z.object({
  allowOut: z.array(z.string()).optional(),
  denyOut: z.array(z.string()).optional(),
  /** The Host that servers in the sandbox see; `${PORT}` stands for the port. */
  maskRequestHost: z.string().optional(),
  /** Ports whose servers speak TLS. */
  httpsPorts: z.array(z.number()).optional(),
});

export type SandboxNetwork = z.infer<typeof SandboxNetwork>;

/** Everything the engine has to know to find a sandbox again, or to start it again from its disk. */
export const SandboxRecord = z.object({
  version: z.literal(1),
  id: z.string(),
  templateID: z.string(),
  buildID: z.string(),
  alias: z.string().optional(),
  metadata: strings,
  layers: z.array(z.string()),
  /** Address inside ENGINE_SUBNET. */
  addressIndex: z.number().int(),
  cpuCount: z.number(),
  memoryMb: z.number(),
  diskMb: z.number(),
  /** Environment of commands: the template's, then the creator's. */
  envVars: strings,
  user: z.string(),
  workdir: z.string().optional(),
  startCmd: z.string().optional(),
  allowInternetAccess: z.boolean(),
  network: SandboxNetwork.optional(),
  envdToken: z.string(),
  /** False: the proxy gives the token to callers that have none, as E2B does without `secure`. */
  secure: z.boolean().optional(),
  /** Set when its ports answer only to those who send it (network.allowPublicTraffic: false). */
  trafficToken: z.string().optional(),
  onTimeout: z.enum(['kill', 'pause']),
  /** False: a pause on timeout ends the processes and keeps the disk only. */
  keepMemory: z.boolean(),
  autoResume: z.boolean(),
  state: z.enum(['running', 'paused']),
  /** Unix ms. */
  startedAt: z.number(),
  /** What create asked for: an auto-resumed sandbox gets it again. */
  timeoutSeconds: z.number(),
  /** Unix ms at which `onTimeout` happens. */
  endAt: z.number(),
  /** Its first process; null once the engine stopped it: resuming starts it from its disk. */
  process: ProcessIdentity.nullable(),
  /** Since when it is paused, Unix ms. */
  pausedAt: z.number().optional(),
  /** Its processes were to be dropped when it was paused: only an explicit resume starts it, traffic does not. */
  diskOnly: z.boolean().optional(),
  /** When the engine stopped the processes of the paused sandbox because it needed their room, Unix ms. */
  hibernatedAt: z.number().optional(),
});

export type SandboxRecord = z.infer<typeof SandboxRecord>;
