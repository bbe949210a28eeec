import { z } from 'zod';

/**
 * The part of JSON Schema that the demo model fills in. Loose: tools come from anybody, and what is not understood is
 * passed over. Google writes types in capitals and null as `nullable`.
 */
export type JsonSchema = {
  type?: string | string[];
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  examples?: unknown[];
  format?: string;
  nullable?: boolean;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxLength?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  definitions?: Record<string, JsonSchema>;
};

/** A keyword with a value that makes no sense counts as absent. */
const lenient = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);
/** `true`, `false` and tuples of items stand for "anything". */
const nested: z.ZodType<JsonSchema> = z.lazy(() => jsonSchemaSchema).catch({});
const count = lenient(z.number().int().min(0));

export const jsonSchemaSchema: z.ZodType<JsonSchema> = z.object({
  type: lenient(z.union([z.string(), z.array(z.string())])),
  description: lenient(z.string()),
  default: z.unknown().optional(),
  const: z.unknown().optional(),
  enum: lenient(z.array(z.unknown()).min(1)),
  examples: lenient(z.array(z.unknown())),
  format: lenient(z.string()),
  nullable: lenient(z.boolean()),
  minimum: lenient(z.number()),
  maximum: lenient(z.number()),
  minItems: count,
  maxLength: count,
  properties: lenient(z.record(z.string(), nested)),
  required: lenient(z.array(z.string())),
  items: lenient(nested),
  anyOf: lenient(z.array(nested).min(1)),
  oneOf: lenient(z.array(nested).min(1)),
  allOf: lenient(z.array(nested).min(1)),
  $ref: lenient(z.string()),
  $defs: lenient(z.record(z.string(), nested)),
  definitions: lenient(z.record(z.string(), nested)),
});
