import type { z } from 'zod';

/** Why a call is refused. Each protocol says it in its provider's own format. */
export class DemoModelError extends Error {
  override readonly name = 'DemoModelError';
  readonly status: number;
  readonly code: string;
  /** The field of the body that is wrong, as a dotted path. */
  readonly param: string | null;

  constructor(status: number, code: string, message: string, param: string | null = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
  }
}

/** Reads a value by a schema. @throws DemoModelError (400) naming the first wrong field */
export function parseWith<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const param = issue?.path.map(String).join('.') ?? '';
  const message = issue?.message ?? 'Invalid body';
  if (param === '') throw new DemoModelError(400, 'invalid_body', message);
  throw new DemoModelError(400, 'invalid_body', `${param}: ${message}`, param);
}
