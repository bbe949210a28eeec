import { z } from 'zod';
import { BadRequestError } from './errors.ts';
import { networkBody } from './network-schema.ts';

/** E2B's longest time to live. */
const MAX_TIMEOUT_SECONDS = 86_400;
/** Environment is handed to envd as one string, which the kernel limits to 128 KiB. */
const MAX_ENVIRONMENT = 64 * 1024;

const DEFAULT_TIMEOUT = { v1: 15, v2: 300 } as const;
export type ApiVersion = keyof typeof DEFAULT_TIMEOUT;

/** In E2B's words. */
const timeout = z
  .number()
  .int()
  .transform((seconds) => {
    if (seconds <= 0) throw new BadRequestError('Timeout must be greater than 0');
    return checkLongest(seconds);
  });

function checkLongest(seconds: number): number {
  if (seconds <= MAX_TIMEOUT_SECONDS) return seconds;
  throw new BadRequestError(`Timeout cannot be greater than ${MAX_TIMEOUT_SECONDS / 3600} hours`);
}

const strings = z
  .record(z.string(), z.string())
  .refine((value) => JSON.stringify(value).length <= MAX_ENVIRONMENT, `must be at most ${MAX_ENVIRONMENT} bytes`);

const variables = strings.refine(
  (value) => Object.entries(value).every(([name, text]) => /^[^=\0]+$/.test(name) && !text.includes('\0')),
  'has a name or value that no environment can hold',
);

/** Parts of the protocol that this engine does not have yet; ignoring them would be worse than refusing. */
const unsupported = (value: unknown) =>
  value == null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && Object.keys(value).length === 0);
const notYet = z.unknown().refine(unsupported, 'is not supported by this engine').optional();

/** Texts as E2B's. */
function checkAutoPause(
  body: { autoPause?: boolean | null; autoPauseMemory?: boolean | null; autoResume?: { enabled: boolean } | null },
  context: z.RefinementCtx,
): void {
  if (body.autoPauseMemory !== false) return;
  const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['autoPauseMemory'], message });
  if (!body.autoPause) refuse('autoPauseMemory=false only applies when autoPause is true.');
  else if (body.autoResume?.enabled)
    refuse(
      'autoPauseMemory=false (filesystem-only auto-pause) cannot be combined with autoResume: a filesystem-only ' +
        'snapshot cannot be auto-resumed by traffic and must be resumed explicitly.',
    );
}

export const createBody = (version: ApiVersion) =>
  z
    .object({
      templateID: z.string().min(1).max(256),
      timeout: timeout.default(DEFAULT_TIMEOUT[version]),
      metadata: strings.nullish(),
      envVars: variables.nullish(),
      allow_internet_access: z.boolean().nullish(),
      network: networkBody.nullish(),
      autoPause: z.boolean().nullish(),
      secure: z.boolean().nullish(),
      autoPauseMemory: z.boolean().nullish(),
      autoResume: z.object({ enabled: z.boolean() }).nullish(),
      volumeMounts: notYet,
      /** The SDK starts the gateway itself, by a command of the template. */
      mcp: z.unknown().optional(),
      iam: notYet,
    })
    .superRefine(checkAutoPause)
    .transform((body) => (checkCombinations(body, version), body))
    .transform((body) => ({
      templateID: body.templateID,
      timeoutSeconds: body.timeout,
      metadata: body.metadata ?? {},
      envVars: body.envVars ?? {},
      allowInternetAccess: body.allow_internet_access ?? true,
      allowPublicTraffic: body.network?.allowPublicTraffic ?? true,
      ...(body.network ? { network: body.network.network } : {}),
      onTimeout: body.autoPause ? ('pause' as const) : ('kill' as const),
      keepMemory: body.autoPauseMemory ?? true,
      autoResume: body.autoResume?.enabled ?? false,
      ...(isSecure(body, version) ? {} : { secure: false }),
    }));

type Combinations = {
  secure?: boolean | null | undefined;
  autoPause?: boolean | null | undefined;
  autoPauseMemory?: boolean | null | undefined;
  autoResume?: { enabled: boolean } | null | undefined;
  network?: { allowPublicTraffic: boolean } | null | undefined;
};

/** The second version of create always issues a token. */
function isSecure({ secure }: Combinations, version: ApiVersion): boolean {
  return version === 'v2' || secure === true;
}

/** @throws BadRequestError in E2B's words */
function checkCombinations(body: Combinations, version: ApiVersion): void {
  if (body.autoPauseMemory === false && !body.autoPause) {
    throw new BadRequestError('autoPauseMemory=false only applies when autoPause is true.');
  }
  if (body.autoPauseMemory === false && body.autoResume?.enabled) {
    throw new BadRequestError(
      'autoPauseMemory=false (filesystem-only auto-pause) cannot be combined with autoResume: a filesystem-only snapshot cannot be auto-resumed by traffic and must be resumed explicitly.',
    );
  }
  if (body.network?.allowPublicTraffic === false && !isSecure(body, version)) {
    throw new BadRequestError(
      "You cannot create a sandbox without public access unless you enable secure envd access via 'secure' flag.",
    );
  }
}

export const connectBody = (version: ApiVersion) =>
  z.object({
    timeout: timeout.default(DEFAULT_TIMEOUT[version]),
    /** False starts the sandbox anew from its disk. */
    memory: z.boolean().nullish(),
  });

/** 0 or less: its time is over now. */
export const timeoutBody = z.object({
  timeout: z
    .number()
    .int()
    .transform((seconds) => Math.max(0, checkLongest(seconds))),
});

const REFRESH_SECONDS = { least: 15, most: 3600 };

export const refreshBody = z.object({
  duration: z
    .number()
    .int()
    .min(0)
    .max(REFRESH_SECONDS.most, `must be at most ${REFRESH_SECONDS.most} s`)
    .default(REFRESH_SECONDS.least)
    .transform((seconds) => Math.max(REFRESH_SECONDS.least, seconds)),
});

export const pauseBody = z.object({ memory: z.boolean().nullish() });

/** Not part of E2B's calls. Processes are not copied: whoever wants them to be has to learn that. */
const diskOnly = z.literal(false, 'cannot be copied: forks and snapshots are made of the disk only').nullish();

export const forkBody = z.object({
  timeout: timeout.default(DEFAULT_TIMEOUT.v1),
  /** Its range is checked with the limits of the engine. */
  count: z.number().int().default(1),
  memory: diskOnly,
});

export const snapshotBody = z.object({
  name: z.string().max(512).nullish(),
  memory: diskOnly,
});
