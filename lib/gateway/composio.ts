import { z } from 'zod';
import { holdsVirtualKey } from './headers.ts';
import { foldKey } from './json/watch.ts';
import type { FoundRoute } from './routes.ts';

/**
 * What a caller may say about a tool execution. Not among it: `connected_account_id`, `custom_auth_params` and the like,
 * by which a caller could act through another tenant's account of the same Composio project.
 */
const executionSchema = z
  .strictObject({
    arguments: z.record(z.string(), z.unknown()).optional(),
    text: z.string().optional(),
    version: z.string().optional(),
    // Accepted because SDKs send them, and replaced.
    user_id: z.string().optional(),
    entity_id: z.string().optional(),
    allow_tracing: z.boolean().optional(),
  })
  .transform(({ entity_id: _entity, ...rest }) => rest);

const connectedAccountSchema = z.strictObject({
  auth_config: z.strictObject({ id: z.string() }),
  connection: z
    .strictObject({
      user_id: z.string().optional(),
      callback_url: z.string().optional(),
      redirect_uri: z.string().optional(),
      data: z.record(z.string(), z.unknown()).optional(),
      state: z.record(z.string(), z.unknown()).optional(),
      alias: z.string().optional(),
    })
    .optional(),
  validate_credentials: z.boolean().optional(),
});

const linkSchema = z.strictObject({
  auth_config_id: z.string(),
  user_id: z.string().optional(),
  callback_url: z.string().optional(),
  connection_data: z.record(z.string(), z.unknown()).optional(),
  alias: z.string().optional(),
});

export type ComposioBody = { ok: true; body: string } | { ok: false; message: string };

/** The body of a call to Composio with the user set to the caller. */
export function composioBody(route: FoundRoute, text: string, userId: string): ComposioBody {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, message: 'The body is not JSON.' };
  }
  const parsed = checked(route, value, userId);
  if (parsed.ok) return { ok: true, body: JSON.stringify(parsed.value) };
  const fields = parsed.error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  const named = fields.length > 0 ? ` Not accepted: ${fields.slice(0, 5).join(', ')}.` : '';
  return { ok: false, message: `The body is not one that can be passed on.${named}` };
}

type Checked = { ok: true; value: unknown } | { ok: false; error: z.ZodError };

function checked({ format }: FoundRoute, value: unknown, userId: string): Checked {
  if (format === 'connected_account') {
    const { data, error } = connectedAccountSchema.safeParse(value);
    if (error) return { ok: false, error };
    return { ok: true, value: { ...data, connection: { ...data.connection, user_id: userId } } };
  }
  const { data, error } = (format === 'account_link' ? linkSchema : executionSchema).safeParse(value);
  return error ? { ok: false, error } : { ok: true, value: { ...data, user_id: userId } };
}

const USER_PARAMETERS = new Set(['userid', 'userids', 'useruuid', 'useruuids', 'entityid', 'entityids', 'entity']);

/** The query of a call to Composio: whoever it named, it is about the caller. */
export function composioQuery(route: FoundRoute, query: string, userId: string): string {
  // What a tool execution or a new account may say is in its body, which was checked; nothing by its side.
  if (route.format !== 'plain') return '';
  const given = new URLSearchParams(query);
  for (const [name, value] of [...given]) {
    if (USER_PARAMETERS.has(foldKey(name).replace(/[^a-z]/g, '')) || holdsVirtualKey(name + value)) given.delete(name);
  }
  if (route.operation === 'tool_account') given.set('user_ids', userId);
  const text = given.toString();
  return text === '' ? '' : `?${text}`;
}
