import { expect, test } from 'vitest';
import type { Format } from '../routes.ts';
import { createJsonInspector } from './json-inspector.ts';
import { boundaryOf, createMultipartInspector } from './multipart-inspector.ts';

function inspect(format: Format, body: unknown, pathModel: string | null = null) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const inspector = createJsonInspector(format, pathModel);
  const problem = inspector.write(new TextEncoder().encode(text)) ?? inspector.end();
  const edit = problem === null ? inspector.edit() : null;
  const edited = edit === null ? text : text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  return { ...inspector.facts, ids: inspector.storedIds, problem, edited };
}
const code = (format: Format, body: unknown, pathModel?: string) => inspect(format, body, pathModel).problem?.code;

test('reads model, bounds and stream of each format', () => {
  expect(inspect('chat', { model: 'm', n: 2, max_tokens: 10, max_completion_tokens: 7 })).toMatchObject({
    model: 'm',
    count: 2,
    maxOutputTokens: 10,
    stream: false,
  });
  expect(inspect('responses', { model: 'm', stream: true, max_output_tokens: 9 })).toMatchObject({
    stream: true,
    maxOutputTokens: 9,
  });
  expect(inspect('messages', { model: 'c', max_tokens: 5 })).toMatchObject({ model: 'c', maxOutputTokens: 5 });
  const google = { model: 'models/g', generation_config: { maxOutputTokens: 3, candidate_count: 2 } };
  expect(inspect('contents', google, 'g')).toMatchObject({ model: 'g', maxOutputTokens: 3, count: 2, problem: null });
  expect(code('contents', { model: 'models/other' }, 'g')).toBe('invalid_body');
  expect(code('contents', { requests: [{ model: 'models/g' }, { model: 'models/h' }] }, 'g')).toBe('invalid_body');
});

test('turns usage on in streams of chat completions that lack it, and changes nothing else', () => {
  const on = { include_usage: true };
  const edited = (body: unknown) => JSON.parse(inspect('chat', body).edited) as unknown;
  expect(edited({ model: 'm', stream: true })).toEqual({ model: 'm', stream: true, stream_options: on });
  expect(edited({ stream: true, stream_options: null, model: 'm' })).toMatchObject({ stream_options: on });
  expect(edited({ stream: true, stream_options: { include_usage: false, x: 1 } })).toMatchObject({
    stream_options: { include_usage: true, x: 1 },
  });
  const untouched = '{ "stream" : true, "stream_options": {"include_usage" : true} }\n';
  expect(inspect('chat', untouched)).toMatchObject({ edited: untouched, usageAsked: true });
  expect(inspect('chat', '{"stream":false}').edited).toBe('{"stream":false}');
  expect(inspect('responses', '{"stream":true}').edited).toBe('{"stream":true}');
});

test.each<[Format, unknown]>([
  ['responses', { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file-1' }] }] }],
  ['responses', { input: [{ type: 'function_call_output', output: [{ type: 'input_image', file_id: 'file-1' }] }] }],
  ['responses', { tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }] }],
  ['responses', { tools: [{ type: 'code_interpreter', container: 'cntr_1' }] }],
  ['responses', { tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-1'] } }] }],
  ['responses', { tools: [{ type: 'image_generation', input_image_mask: { file_id: 'file-1' } }] }],
  ['responses', { conversation: 'conv_1' }],
  ['responses', { conversation: { id: 'conv_1' } }],
  ['responses', { prompt: { id: 'pmpt_1' } }],
  ['chat', { messages: [{ content: [{ type: 'file', file: { file_id: 'file-1' } }] }] }],
  ['messages', { container: 'container_1' }],
  ['messages', { messages: [{ content: [{ type: 'image', source: { type: 'file', file_id: 'file_1' } }] }] }],
  ['contents', { cachedContent: 'cachedContents/1' }],
  ['contents', { cached_content: 'cachedContents/1' }],
  [
    'contents',
    { contents: [{ parts: [{ fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1/files/1' } }] }] },
  ],
  ['contents', { contents: [{ parts: [{ file_data: { file_uri: 'files/1' } }] }] }],
  ['contents', { tools: [{ fileSearch: { fileSearchStoreNames: ['fileSearchStores/1'] } }] }],
])('%s: refuses %j, which names what is stored for all', (format, body) => {
  expect(code(format, body)).toBe('stored_object_not_allowed');
});

test.each<[Format, unknown]>([
  ['responses', { conversation: null, tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] }],
  ['responses', { tools: [{ type: 'function', parameters: { properties: { file_id: { type: 'string' } } } }] }],
  ['responses', { text: { format: { schema: { properties: { container: {} } } } } }],
  ['chat', { messages: [{ tool_calls: [{ function: { arguments: '{"file_id":1}' } }] }] }],
  ['chat', { tools: [{ function: { parameters: { properties: { file_id: {} } } } }] }],
  ['messages', { messages: [{ content: [{ type: 'tool_use', input: { file_id: '1' } }] }] }],
  ['messages', { tools: [{ input_schema: { properties: { file_id: {} } } }] }],
  ['contents', { contents: [{ parts: [{ functionCall: { args: { fileUri: 'x' } } }] }] }],
  ['contents', { contents: [{ parts: [{ fileData: { fileUri: 'https://www.youtube.com/watch?v=1' } }] }] }],
])("%s: lets %j pass, which is the caller's own", (format, body) => {
  expect(inspect(format, body).problem).toBeNull();
});

test('collects ids that the caller has to own, and refuses answers in the background', () => {
  const { ids } = inspect('responses', {
    previous_response_id: 'resp_1',
    input: [
      { type: 'item_reference', id: 'msg_1' },
      { role: 'user', content: 'x' },
    ],
  });
  expect(ids).toEqual([
    { kind: 'response', id: 'resp_1' },
    { kind: 'item', id: 'msg_1' },
  ]);
  expect(code('responses', { background: true })).toBe('invalid_body');
});

test.each([
  '{"model":"a","model":"b"}',
  '{"model":"a","Model":"b"}',
  '{"model":1}',
  '{"stream":"yes"}',
  '{"n":1.5}',
  '{"max_tokens":-1}',
  `{"model":"${'x'.repeat(300)}"}`,
  `{"model":"${'x'.repeat(251)}"}`,
  '{"model":""}',
  '{"model":"m m"}',
  '{"model":"modèle"}',
  '{"model":"m\\u0000"}',
  '{"model":"m\\ud800"}',
  '{"model":"m\\n"}',
])('refuses %s', (body) => {
  expect(code('chat', body)).toBe('invalid_body');
});

const form = (parts: string[]) => `${parts.map((part) => `--XX\r\n${part}\r\n`).join('')}--XX--\r\n`;
const field = (name: string, value: string) => `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;
const file =
  'Content-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n\r\n--X\r\r\n--Xdata';

test.each([1, 2, 5, Infinity])('reads the fields of a form around its files, in pieces of %s bytes', (size) => {
  const bytes = new TextEncoder().encode(
    form([file, field('model', 'whisper-1'), field('stream', 'true'), field('n', '2')]),
  );
  const inspector = createMultipartInspector('XX');
  for (let at = 0; at < bytes.length; at += size) expect(inspector.write(bytes.subarray(at, at + size))).toBeNull();
  expect(inspector.end()).toBeNull();
  expect(inspector.facts).toMatchObject({ model: 'whisper-1', stream: true, count: 2 });
});

test.each([
  form([field('model', 'a'), field('model', 'b')]),
  form([field('Model', 'a')]),
  form(['Content-Disposition: form-data; name=model\r\n\r\na']),
  form(["Content-Disposition: form-data; name*=utf-8''model\r\n\r\na"]),
  form(['Content-Disposition: form-data; name="x"\r\nContent-Disposition: form-data; name="model"\r\n\r\na']),
  form(['Content-Disposition: form-data; name="model"; filename="m"\r\n\r\na']),
  form([field('model', 'x'.repeat(300))]),
  form([field('model', 'a\0')]),
  form([field('model', 'ä')]),
  form([field('model', '')]),
  `preamble\r\n${form([field('model', 'a')])}`,
  `${form([field('model', 'a')])}epilogue`,
  form([field('a', 'x\r\n--XXmodel')]),
  '--XX\r\n',
  '',
])('refuses a form that receivers could read in two ways: %j', (text) => {
  const inspector = createMultipartInspector('XX');
  expect(inspector.write(new TextEncoder().encode(text)) ?? inspector.end()).toMatchObject({ code: 'invalid_body' });
});

test('takes boundaries as they are usually written', () => {
  expect(boundaryOf('multipart/form-data; boundary=----formdata-undici-1')).toBe('----formdata-undici-1');
  expect(boundaryOf('multipart/form-data; boundary="a b"')).toBeNull();
  expect(boundaryOf('multipart/form-data; boundary=a; boundary=b')).toBeNull();
  expect(boundaryOf('multipart/mixed; boundary=a')).toBeNull();
});
