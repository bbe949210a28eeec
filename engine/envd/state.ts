import { HttpError } from './http/errors.ts';
import type { User, Users } from './users.ts';

/** What the engine tells envd about the sandbox's template and environment; replaced by POST /init. */
export type Defaults = {
  envVars: Record<string, string>;
  /** Linux user of calls that name none. */
  user: string;
  /** The template's WORKDIR; undefined is the user's home. */
  workdir?: string | undefined;
};

/** What all handlers share. */
export type Context = {
  users: Users;
  token: string;
  defaults: Defaults;
  /** Milliseconds since 1970. */
  now: () => number;
};

/** @throws EnvdError unauthenticated when there is no such user. */
export function requestUser(context: Context, name: string | null | undefined): User {
  return context.users.find(name || context.defaults.user);
}

/** @throws HttpError 401 when there is no such user. */
export function fileUser(context: Context, name: string | null): User {
  const wanted = name || context.defaults.user;
  try {
    return context.users.find(wanted);
  } catch {
    throw new HttpError(401, `error looking up user '${wanted}': user: unknown user ${wanted}`);
  }
}
