import { z } from 'zod';

const httpUrl = z
  .string()
  .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), 'baseUrl must be an http(s) URL')
  .refine((value) => !URL.canParse(value) || !/[?#@]/.test(value), 'baseUrl must have no query, fragment or password');

const providerSchema = z.strictObject({
  protocol: z.enum(['openai', 'anthropic', 'google', 'composio']).optional(),
  baseUrl: httpUrl.optional(),
  keys: z
    .array(
      z.strictObject({
        key: z.string().regex(/^[\u0021-\u007e]+$/, 'key must be printable ASCII without spaces'),
        weight: z.number().positive().max(1_000_000).optional(),
      }),
    )
    .max(100)
    .optional(),
});

const KNOWN = new Set(['openai', 'anthropic', 'google', 'composio']);

/** GATEWAY_PROVIDERS: JSON of name -> what it speaks, where it is, and its keys with weights. */
export const gatewayProvidersSchema = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON' });
      return z.NEVER;
    }
  })
  .pipe(
    z.record(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'names are lower case letters, digits and -'), providerSchema),
  )
  .superRefine((providers, context) => {
    for (const [name, { baseUrl, protocol }] of Object.entries(providers)) {
      if (!KNOWN.has(name) && baseUrl === undefined) {
        context.addIssue({ code: 'custom', message: `${name} needs a baseUrl` });
      }
      if (KNOWN.has(name) && protocol !== undefined && protocol !== name) {
        context.addIssue({ code: 'custom', message: `${name} speaks its own protocol` });
      }
    }
  });
