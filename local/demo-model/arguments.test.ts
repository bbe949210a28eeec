import { expect, test } from 'vitest';
import { fillArguments, fillSchema } from './arguments.ts';
import { jsonSchemaSchema } from './json-schema.ts';

const text = 'demo';
const fill = (properties: Record<string, object>, question: string, required = Object.keys(properties)) =>
  fillArguments(jsonSchemaSchema.parse({ type: 'object', properties, required }), { question, text });
const string = { type: 'string' };

test.each([
  ['timeZone', 'What time is it in New York?', 'America/New_York'],
  ['tz', 'Time in Asia/Tokyo please', 'Asia/Tokyo'],
  ['city', 'Will it rain in São Paulo tomorrow?', 'São Paulo'],
  ['location', "What is the weather at Anna's?", 'Anna'],
  ['url', 'Read https://example.com/a?b=1 for me', 'https://example.com/a?b=1'],
  ['emailAddress', 'Write to ann@example.com.', 'ann@example.com'],
  ['start_date', 'From 2026-05-01 on', '2026-05-01'],
  ['filePath', 'Show src/mastra/index.ts', 'src/mastra/index.ts'],
  ['query', 'Find cats', 'Find cats'],
  ['name', 'Call it "Rex" then', 'Rex'],
  ['anything', 'Nothing to see', 'demo'],
])('%s from "%s"', (name, question, value) => {
  expect(fill({ [name]: string }, question)).toEqual({ [name]: value });
});

test('numbers, choices, defaults and nulls', () => {
  const properties = {
    sides: { type: 'integer', minimum: 2 },
    unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
    verbose: { type: 'boolean' },
    language: { type: 'string', default: 'en' },
    note: { anyOf: [string, { type: 'null' }] },
    tags: { type: 'array', items: string },
  };
  expect(fill(properties, 'A 20 in Fahrenheit')).toEqual({
    sides: 20,
    unit: 'fahrenheit',
    verbose: false,
    language: 'en',
    note: null,
    tags: ['demo'],
  });
  expect(fill(properties, 'Hello')).toMatchObject({ sides: 2, unit: 'celsius' });
});

test('optional arguments are given only when the question holds them', () => {
  expect(fill({ city: string, units: string }, 'in Rome', [])).toEqual({ city: 'Rome' });
});

test('what the question says comes before a default, also where null is a choice', () => {
  const timeZone = { anyOf: [string, { type: 'null' }], default: 'UTC' };
  expect(fill({ timeZone }, 'Time in Berlin?')).toEqual({ timeZone: 'Europe/Berlin' });
  expect(fill({ timeZone }, 'Time?')).toEqual({ timeZone: 'UTC' });
});

test('references, also circular ones, and formats', () => {
  const node = {
    type: 'object',
    properties: { id: { type: 'string', format: 'uuid' }, next: { $ref: '#/$defs/node' } },
    required: ['id', 'next'],
  };
  const schema = jsonSchemaSchema.parse({ $ref: '#/$defs/node', $defs: { node } });
  const filled = fillSchema(schema, { question: '', text });
  expect(filled).toMatchObject({ id: '00000000-0000-4000-8000-000000000000', next: { next: {} } });
});

test('a schema of nonsense gives some arguments', () => {
  const schema = jsonSchemaSchema.parse({ type: 'object', properties: { a: true, b: { type: 7, enum: 'x' } } });
  expect(fillArguments(schema, { question: 'x', text })).toEqual({});
});
