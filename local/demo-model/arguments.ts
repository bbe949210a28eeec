import { hintFor } from './hints.ts';
import type { JsonSchema } from './json-schema.ts';

const DEPTH_LIMIT = 6;
const ITEM_LIMIT = 5;

const FORMATTED: Record<string, string> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00Z',
  email: 'demo@example.com',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

export type FillOptions = {
  /** The person's question, from which values are taken where a name suggests it. */
  question: string;
  /** For strings about which nothing is known. */
  text: string;
};

/** Arguments for a tool, made from its schema and the question; the same for the same input. */
export function fillArguments(schema: JsonSchema, options: FillOptions): Record<string, unknown> {
  const filled = fill(schema, '', { ...options, root: schema, depth: 0 });
  return isRecord(filled) ? filled : {};
}

/** A value of any schema: what structured output is made of. */
export function fillSchema(schema: JsonSchema, options: FillOptions): unknown {
  return fill(schema, '', { ...options, root: schema, depth: 0 });
}

type State = FillOptions & { root: JsonSchema; depth: number };

function fill(given: JsonSchema, name: string, state: State): unknown {
  const schema = resolve(given, state.root);
  if (schema.const !== undefined) return schema.const;
  const hint = hintOf(name, schema, state);
  if (hint !== undefined) return hint;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (schema.examples?.[0] !== undefined) return schema.examples[0];
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fillChoice(choices, name, state);
  const types = typesOf(schema);
  // Strict tool schemas require everything and say "optional" by allowing null.
  if (types.includes('null') || schema.nullable) return null;
  return fillType(types[0] ?? 'string', schema, name, state);
}

/** What the question holds for a value, or for one of the choices that its schema gives. */
function hintOf(name: string, schema: JsonSchema, { question, root }: State): unknown {
  const choices = [schema, ...(schema.anyOf ?? schema.oneOf ?? [])].map((choice) => resolve(choice, root));
  return choices.map((choice) => hintFor(name, choice, question)).find((value) => value !== undefined);
}

function fillChoice(choices: readonly JsonSchema[], name: string, state: State): unknown {
  const notNull = choices.filter((choice) => !typesOf(choice).includes('null'));
  if (notNull.length < choices.length) return null;
  const first = notNull[0];
  return first && state.depth < DEPTH_LIMIT ? fill(first, name, { ...state, depth: state.depth + 1 }) : null;
}

function fillType(type: string, schema: JsonSchema, name: string, state: State): unknown {
  switch (type) {
    case 'object':
      return fillObject(schema, state);
    case 'array':
      return fillArray(schema, name, state);
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, Math.min(1, schema.maximum ?? 1));
    case 'boolean':
      return false;
    default:
      return (FORMATTED[schema.format ?? ''] ?? state.text).slice(0, schema.maxLength);
  }
}

function fillObject(schema: JsonSchema, state: State): Record<string, unknown> {
  const filled: Record<string, unknown> = {};
  if (state.depth >= DEPTH_LIMIT) return filled;
  const required = new Set(schema.required);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const useful = required.has(name) || hintOf(name, resolve(property, state.root), state) !== undefined;
    if (useful) filled[name] = fill(property, name, { ...state, depth: state.depth + 1 });
  }
  return filled;
}

function fillArray(schema: JsonSchema, name: string, state: State): unknown[] {
  if (state.depth >= DEPTH_LIMIT || !schema.items) return [];
  const item = fill(schema.items, name, { ...state, depth: state.depth + 1 });
  return Array.from({ length: Math.min(Math.max(schema.minItems ?? 1, 1), ITEM_LIMIT) }, () => item);
}

/** Follows `#/$defs/Name`, and takes the parts of an `allOf` together. */
function resolve(schema: JsonSchema, root: JsonSchema, hops = 0): JsonSchema {
  if (hops > DEPTH_LIMIT) return {};
  if (schema.$ref !== undefined) {
    const name = /^#\/(?:\$defs|definitions)\/(.+)$/.exec(schema.$ref)?.[1] ?? '';
    const target = schema.$ref === '#' ? root : (root.$defs?.[name] ?? root.definitions?.[name]);
    return target ? resolve(target, root, hops + 1) : {};
  }
  if (!schema.allOf) return schema;
  const parts = schema.allOf.map((part) => resolve(part, root, hops + 1));
  return {
    ...Object.assign({}, ...parts, schema),
    allOf: undefined,
    properties: Object.assign({}, ...parts.map((part) => part.properties), schema.properties),
    required: [...parts, schema].flatMap((part) => part.required ?? []),
  };
}

function typesOf(schema: JsonSchema): string[] {
  if (schema.type === undefined) return schema.properties ? ['object'] : schema.items ? ['array'] : [];
  return [schema.type].flat().map((type) => type.toLowerCase());
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
