import type { z } from 'zod';

import { InvalidInputError } from '../../lib/errors.ts';

/** Our forms are small; anything larger is a mistake or an attack. */
const MAX_BYTES = 32_768;

export type Body<T> = {
  value: T;
  /** A plain form post of the browser, from before the page's script had loaded: it wants a redirect, not JSON. */
  plainForm: boolean;
};

/** Reads a JSON body or a plain form, within a bound, and checks it. Throws InvalidInputError. */
export async function readBody<T>(request: Request, schema: z.ZodType<T>): Promise<Body<T>> {
  const type = request.headers.get('content-type') ?? '';
  const plainForm = type.startsWith('application/x-www-form-urlencoded');
  if (!plainForm && !type.startsWith('application/json')) {
    throw new InvalidInputError('unsupported_type', 'Send JSON.', { status: 415 });
  }
  const text = await readText(request);
  const parsed = schema.safeParse(plainForm ? Object.fromEntries(new URLSearchParams(text)) : parseJson(text));
  if (parsed.success) return { value: parsed.data, plainForm };
  const issue = parsed.error.issues[0];
  throw new InvalidInputError('invalid_input', issue?.message ?? 'The input is not valid.', {
    next: 'Correct the field and try again.',
  });
}

async function readText(request: Request): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new InvalidInputError('too_large', 'The request is too large.', { status: 413 });
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidInputError('invalid_json', 'The body is not JSON.');
  }
}
