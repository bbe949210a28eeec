/** The Connect protocol's error codes that envd uses, with the HTTP status of a unary answer (connectrpc.com/docs/protocol). */
const STATUS = {
  canceled: 499,
  unknown: 500,
  invalid_argument: 400,
  deadline_exceeded: 504,
  not_found: 404,
  already_exists: 409,
  permission_denied: 403,
  resource_exhausted: 429,
  failed_precondition: 400,
  unimplemented: 501,
  internal: 500,
  unavailable: 503,
  unauthenticated: 401,
} as const;

export type ErrorCode = keyof typeof STATUS;

/** An error that a caller of envd may see. Anything else that is thrown is a bug and is answered as `internal`. */
export class EnvdError extends Error {
  readonly code: ErrorCode;
  readonly status: number;

  /** @param status HTTP status outside of Connect's own table (507 for a full disk). */
  constructor(code: ErrorCode, message: string, status?: number) {
    super(message);
    this.name = 'EnvdError';
    this.code = code;
    this.status = status ?? STATUS[code];
  }
}

/** An error that is answered in plain HTTP's shape, `{code: <status>, message}`, whatever was called. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
  }
}

/** The errno name of a failed system call (`ENOENT`), or undefined. */
export function errnoCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const BY_ERRNO: Record<string, [ErrorCode, string, number?]> = {
  ENOENT: ['not_found', 'does not exist'],
  ENOTDIR: ['not_found', 'has a part that is not a directory'],
  EEXIST: ['already_exists', 'exists already'],
  EISDIR: ['invalid_argument', 'is a directory'],
  ENOTEMPTY: ['failed_precondition', 'is a directory that is not empty'],
  EACCES: ['permission_denied', 'is not accessible to this user'],
  EPERM: ['permission_denied', 'may not be changed by this user'],
  EROFS: ['permission_denied', 'is on a read-only file system'],
  ELOOP: ['invalid_argument', 'has too many symbolic links'],
  ENAMETOOLONG: ['invalid_argument', 'is too long'],
  ETXTBSY: ['failed_precondition', 'is being executed'],
  ENXIO: ['invalid_argument', 'is not a regular file'],
  ENOSPC: ['resource_exhausted', 'does not fit: not enough disk space', 507],
  EDQUOT: ['resource_exhausted', 'does not fit: the disk quota is used up', 507],
  EMFILE: ['unavailable', 'cannot be opened: too many open files'],
  ENFILE: ['unavailable', 'cannot be opened: too many open files'],
};

/** Turns a failed system call on `path` into an {@link EnvdError}; other errors come back as they are. */
export function fromErrno(error: unknown, path: string): unknown {
  const known = BY_ERRNO[errnoCode(error) ?? ''];
  if (!known) return error;
  const [code, what, status] = known;
  return new EnvdError(code, `path '${path}' ${what}`, status);
}

/** What may be shown of any error: bugs are named, without their stack or message. */
export function toEnvdError(error: unknown): EnvdError {
  if (error instanceof EnvdError) return error;
  // What zlib says of a body that is not what its Content-Encoding claims.
  if (errnoCode(error)?.startsWith('Z_')) return new EnvdError('invalid_argument', 'the gzip content is broken');
  return new EnvdError('internal', `internal error (${errnoCode(error) ?? 'unexpected'})`);
}
