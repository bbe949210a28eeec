import { capture, keysOf, type Watch } from '../json/watch.ts';
import type { Format } from '../routes.ts';

/** Names under which the scanner tells what it found. */
export const STORED = 'stored:';

const stored = (field: string): Watch => capture(`${STORED}${field}`, 1024);
const NOTHING: Watch = {};

/**
 * Content and tools, at any depth: fields by which objects that are stored at the provider are named. What is the
 * caller's own data (schemas, arguments and results of tools) may have such names and is skipped.
 */
function zone(fields: readonly string[], free: readonly string[]): Watch {
  const keys = new Map<string, Watch>(fields.map((field) => [field, stored(field)]));
  for (const field of free) keys.set(field, NOTHING);
  const watch: Watch = { keys, exact: true };
  watch.rest = watch;
  watch.items = watch;
  return watch;
}

const OPENAI_FIELDS = [
  'file_id',
  'file_ids',
  'vector_store_id',
  'vector_store_ids',
  'container',
  'container_id',
  'skill_id',
];
const OPENAI_FREE = [
  'parameters',
  'schema',
  'arguments',
  'metadata',
  'filters',
  'headers',
  'input_schema',
  'output_schema',
];
const openaiZone = zone(OPENAI_FIELDS, OPENAI_FREE);
/** An item of a conversation; its id may stand for the stored item, and a reference is nothing but that. */
const openaiItem: Watch = {
  exact: true,
  keys: new Map([...(openaiZone.keys ?? []), ['id', capture('item_id', 512)]]),
  rest: openaiZone,
  items: openaiZone,
};

const anthropicZone = zone(
  ['file_id', 'file_ids', 'container', 'container_id', 'skill_id'],
  ['input', 'input_schema', 'metadata'],
);
const googleZone = zone(
  ['fileUri', 'file_uri', 'fileSearchStoreNames', 'file_search_store_names', 'cachedContent', 'cached_content'],
  // Arguments and results of functions, and schemas.
  [
    'args',
    'response',
    'parameters',
    'parametersJsonSchema',
    'parameters_json_schema',
    'responseJsonSchema',
    'response_json_schema',
  ],
);

const count = capture('count', 32);
const model = capture('model', 256);
const stream = capture('stream', 16);
const maxOutput = capture('max_output', 32);

const RESPONSES: Watch = {
  exact: true,
  keys: keysOf({
    model,
    stream,
    max_output_tokens: maxOutput,
    background: capture('background', 16),
    previous_response_id: capture('previous_response_id', 512),
    conversation: stored('conversation'),
    prompt: stored('prompt'),
    input: { items: openaiItem, keys: openaiItem.keys ?? new Map(), rest: openaiZone, exact: true },
    metadata: NOTHING,
    text: NOTHING,
  }),
  rest: openaiZone,
};

const CHAT: Watch = {
  exact: true,
  keys: keysOf({
    model,
    stream,
    stream_options: capture('stream_options', 1024),
    max_tokens: capture('max_tokens', 32),
    max_completion_tokens: maxOutput,
    n: count,
    metadata: NOTHING,
    response_format: NOTHING,
    functions: NOTHING,
    prediction: NOTHING,
  }),
  rest: openaiZone,
};

const MESSAGES: Watch = {
  exact: true,
  keys: keysOf({ model, stream, max_tokens: maxOutput, container: stored('container'), metadata: NOTHING }),
  rest: anthropicZone,
};

const generationConfig: Watch = {
  exact: true,
  keys: new Map([
    ['maxOutputTokens', maxOutput],
    ['max_output_tokens', maxOutput],
    ['candidateCount', count],
    ['candidate_count', count],
  ]),
};
const CONTENTS: Watch = {
  exact: true,
  keys: new Map<string, Watch>([
    ['model', capture('body_model', 256)],
    ['generationConfig', generationConfig],
    ['generation_config', generationConfig],
    ['cachedContent', stored('cachedContent')],
    ['cached_content', stored('cachedContent')],
    ['labels', NOTHING],
  ]),
  rest: googleZone,
};
// Both wrap whole requests: countTokens its generateContentRequest, batchEmbedContents its list of them.
const wrapped: Watch = { ...CONTENTS, items: CONTENTS };
const CONTENTS_OF_ALL: Watch = {
  ...CONTENTS,
  keys: new Map<string, Watch>([
    ...(CONTENTS.keys ?? []),
    ['generateContentRequest', wrapped],
    ['generate_content_request', wrapped],
    ['requests', wrapped],
  ]),
};

const PLAIN_MODEL: Watch = { exact: true, keys: keysOf({ model, stream, n: count }), rest: openaiZone };

export function watchOf(format: Format): Watch {
  switch (format) {
    case 'responses':
      return RESPONSES;
    case 'chat':
      return CHAT;
    case 'messages':
      return MESSAGES;
    case 'contents':
      return CONTENTS_OF_ALL;
    default:
      return PLAIN_MODEL;
  }
}
