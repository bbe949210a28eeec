import { z } from 'zod';

/** Largest body of a tool execution, which is read whole to set the caller's id. Bytes. */
export const TOOL_BODY_LIMIT = 5 * 1024 * 1024;

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

export type ToolExecution = { ok: true; body: string } | { ok: false; message: string };

/** The body of a tool execution with the user set to the caller. */
export function toolExecutionBody(text: string, userId: string): ToolExecution {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, message: 'The body is not JSON.' };
  }
  const parsed = executionSchema.safeParse(value);
  if (!parsed.success) {
    const fields = parsed.error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
    const named = fields.length > 0 ? ` Not accepted: ${fields.slice(0, 5).join(', ')}.` : '';
    return { ok: false, message: `The body is not a tool execution that can be passed on.${named}` };
  }
  return { ok: true, body: JSON.stringify({ ...parsed.data, user_id: userId }) };
}
