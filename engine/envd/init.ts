import * as z from 'zod/mini';
import { EnvdError } from './http/errors.ts';
import type { Context, Defaults } from './state.ts';

/** What the engine sends to POST /init, or puts into the variable ENVD_DEFAULTS when it starts envd. */
const initRequest = z.object({
  accessToken: z.optional(z.string().check(z.minLength(1))),
  envVars: z.optional(z.record(z.string(), z.string())),
  defaultUser: z.optional(z.string()),
  defaultWorkdir: z.optional(z.string()),
});

export const INITIAL_DEFAULTS: Defaults = { envVars: {}, user: 'user' };

/**
 * Takes over the parts of `message` that are there.
 * @throws EnvdError invalid_argument
 */
export function applyInit(context: Context, message: unknown): void {
  const parsed = initRequest.safeParse(message);
  if (!parsed.success) throw new EnvdError('invalid_argument', 'invalid request: not a valid set of defaults');
  const { accessToken, envVars, defaultUser, defaultWorkdir } = parsed.data;
  if (accessToken) context.token = accessToken;
  context.defaults = {
    envVars: envVars ?? context.defaults.envVars,
    user: defaultUser || context.defaults.user,
    workdir: defaultWorkdir || context.defaults.workdir,
  };
}
