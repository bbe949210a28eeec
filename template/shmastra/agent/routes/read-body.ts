import type { Context } from 'hono';
import * as z from 'zod/mini';
import { ApiError } from '../errors.ts';
import type { Limits } from '../settings.ts';

/** JSON may take up to 6 bytes for a character, and there is more in a body than the prompt. */
const MAX_BYTES = ({ promptCharacters }: Limits) => promptCharacters * 6 + 64 * 1024;

/** The JSON body of a request, checked. */
export async function readBody<Schema extends z.ZodMiniType>(
  context: Context,
  schema: Schema,
  limits: Limits,
): Promise<z.output<Schema>> {
  const bytes = await readBytes(context, MAX_BYTES(limits));
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ApiError(400, 'bad_request', 'The body is not JSON.');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const tooLong = parsed.error.issues.some(({ code, path }) => code === 'too_big' && path[0] === 'text');
  if (tooLong) {
    throw new ApiError(413, 'message_too_long', `A message has at most ${limits.promptCharacters} characters.`, {
      next: 'Shorten it, or attach the text as a file.',
    });
  }
  throw new ApiError(400, 'bad_request', z.prettifyError(parsed.error).slice(0, 500));
}

/** Reads a body of at most so many bytes. Throws `too_large`. */
async function readBytes(context: Context, maxBytes: number): Promise<Uint8Array> {
  const refuse = () =>
    new ApiError(413, 'too_large', `This is larger than the ${Math.floor(maxBytes / 1024)} KB that are allowed.`, {
      next: 'Use a smaller file.',
    });
  if (Number(context.req.header('content-length') ?? 0) > maxBytes) throw refuse();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (context.req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw refuse();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
