import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { createJsonInspector } from '../../body/json-inspector.ts';
import { createMultipartInspector } from '../../body/multipart-inspector.ts';
import { JsonScanner } from '../../json/scanner.ts';
import { capture, keysOf } from '../../json/watch.ts';
import { createMeter } from '../../meter/meter.ts';
import { createUsageChunkFilter } from '../../meter/usage-chunk-filter.ts';
import type { Format } from '../../routes.ts';
import { REQUESTS, STREAMS } from './recorded.ts';
import { createWorld, KEY, leaks, readAll, SECRETS } from './world.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Cut, doubled, overwritten and spliced pieces of a text. */
const mutated = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...texts),
      fc.array(fc.tuple(fc.nat(400), fc.nat(40), fc.constantFrom(...SCRAPS)), { maxLength: 4 }),
    )
    .map(([text, changes]) =>
      changes.reduce(
        (now, [at, length, scrap]) =>
          now.slice(0, at % (now.length + 1)) + scrap + now.slice((at % (now.length + 1)) + length),
        text,
      ),
    );

const SCRAPS = [
  '',
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\',
  '\\u0000',
  '\\ud800',
  '\u0000',
  '\n',
  '\n\n',
  '\r',
  'data: ',
  'null',
  '1e999',
  '-',
  '"model":"x"',
  '"Model":1',
  '"usage":{',
  'é',
  '\u017f',
  '"file_id":"f"',
  'x'.repeat(300),
  '['.repeat(600),
  ' '.repeat(200),
];

const text = fc.oneof(
  mutated(REQUESTS.map(([, body]) => body)),
  fc.json(),
  fc.string({ unit: 'binary', maxLength: 200 }),
);
const cut = (bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] => {
  const pieces: Uint8Array[] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = Math.max(1, sizes[index % sizes.length] ?? 1);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
};
const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 });

/** The scanner takes what JSON.parse takes and sees the same values, however the bytes are cut. */
export const scannerAgrees = fc.property(text, sizes, (json, cuts) => {
  const found: unknown[] = [];
  const watch = { keys: keysOf({ model: capture('model') }) };
  const scanner = new JsonScanner(watch, ({ value }) => found.push(value));
  for (const piece of cut(encode(json), cuts)) if (!scanner.write(piece)) break;
  const complete = scanner.end();
  if (scanner.problem === 'too_deep') return;
  // Lone surrogates become U+FFFD when they are written as UTF-8.
  const asSent = new TextDecoder('utf-8', { ignoreBOM: true }).decode(encode(json));
  let value: unknown;
  try {
    value = JSON.parse(asSent);
  } catch {
    equal(complete, false);
    return;
  }
  equal(complete, true);
  const model =
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as { model?: unknown }).model
      : undefined;
  // Of several the last counts for JSON.parse.
  deepEqual(found.at(-1), model);
});

/** What an inspector lets through is JSON with the model that it told, also after its edit. */
export const inspectorIsRight = fc.property(
  text,
  sizes,
  fc.constantFrom<Format>('chat', 'responses', 'messages'),
  (body, cuts, format) => {
    const bytes = encode(body);
    const inspector = createJsonInspector(format, null);
    for (const piece of cut(bytes, cuts)) if (inspector.write(piece) !== null) return;
    if (inspector.end() !== null) return;
    const edit = inspector.edit();
    const decoder = new TextDecoder();
    const out = edit
      ? decoder.decode(bytes.subarray(0, edit.start)) + edit.text + decoder.decode(bytes.subarray(edit.end))
      : decoder.decode(bytes);
    const value = JSON.parse(out) as unknown;
    const fields =
      typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
    equal(fields['model'] ?? null, inspector.facts.model);
    equal(fields['stream'] === true, inspector.facts.stream);
    if (format === 'chat' && fields['stream'] === true)
      equal((fields['stream_options'] as { include_usage?: unknown }).include_usage, true);
  },
);

const FORM =
  '--XX\r\nContent-Disposition: form-data; name="model"\r\n\r\nm\r\n--XX\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ndata\r\n--XX--\r\n';

/** Forms: any bytes, any cuts, one result. */
export const formsAreSteady = fc.property(mutated([FORM]), sizes, (form, cuts) => {
  const run = (pieces: readonly Uint8Array[]) => {
    const inspector = createMultipartInspector('XX');
    for (const piece of pieces) if (inspector.write(piece) !== null) return 'refused';
    return inspector.end() === null ? JSON.stringify(inspector.facts) : 'refused';
  };
  const bytes = encode(form);
  equal(run(cut(bytes, cuts)), run([bytes]));
});

/** The meter takes anything, and comes to the same however it is cut; the filter loses nothing but usage chunks. */
export const metersAreSteady = fc.property(
  mutated(STREAMS),
  sizes,
  fc.constantFrom('text/event-stream', 'application/json'),
  (stream, cuts, contentType) => {
    const bytes = encode(stream);
    for (const [protocol, format] of [
      ['openai', 'chat'],
      ['openai', 'responses'],
      ['anthropic', 'messages'],
      ['google', 'contents'],
    ] as const) {
      const run = (pieces: readonly Uint8Array[]) => {
        const meter = createMeter({ protocol, format, contentType });
        for (const piece of pieces) meter?.write(piece);
        return meter?.result(true);
      };
      deepEqual(run(cut(bytes, cuts)), run([bytes]));
    }
    const filter = (pieces: readonly Uint8Array[]) => {
      const one = createUsageChunkFilter();
      const decoder = new TextDecoder('latin1');
      return pieces.map((piece) => decoder.decode(one.write(piece))).join('') + decoder.decode(one.rest());
    };
    const filtered = filter(cut(bytes, cuts));
    equal(filtered, filter([bytes]));
    if (!stream.includes('"usage"')) equal(filtered, new TextDecoder('latin1').decode(bytes));
  },
);

const headerName = fc.constantFrom(
  'content-type',
  'accept',
  'anthropic-beta',
  'openai-beta',
  'x-goog-api-client',
  'user-agent',
  'accept-encoding',
  'content-encoding',
  'x-api-key',
  'x-goog-api-key',
  'x-request-id',
  'cookie',
  'openai-organization',
  'x-forwarded-for',
);
const headerValue = fc.oneof(
  fc.constantFrom(
    'application/json',
    'multipart/form-data; boundary=XX',
    'gzip',
    KEY,
    `Bearer ${KEY}`,
    'files-api-2025-04-14,x',
    'text/plain; charset=utf-16',
  ),
  fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
);
const path = fc.oneof(fc.constantFrom(...REQUESTS.map(([one]) => one)), mutated(REQUESTS.map(([one]) => one)));

/** A provider that shows what it was sent in every way that it can. */
const behaviour = fc.record({
  status: fc.constantFrom(200, 200, 200, 201, 204, 301, 302, 400, 401, 403, 404, 407, 429, 500, 503, 529),
  echo: fc.constantFrom('none', 'headers', 'body', 'part'),
  stream: mutated(STREAMS),
  type: fc.constantFrom('text/event-stream', 'application/json', 'audio/mpeg', 'text/html'),
  breaks: fc.boolean(),
});

/** Whole calls: no crash, every reservation settled once, no memory kept, no secret shown. */
export const callsAreSafe = fc.asyncProperty(
  path,
  text,
  fc.array(fc.tuple(headerName, headerValue), { maxLength: 5 }),
  fc.constantFrom('GET', 'POST', 'POST', 'POST', 'PUT', 'DELETE'),
  behaviour,
  async (target, body, given, method, { status, echo, stream, type, breaks }) => {
    const world = createWorld((call) => {
      const shown = {
        none: '',
        headers: JSON.stringify(call.headers),
        body: `key: ${Object.values(call.headers).join(' ')}`,
        part: JSON.stringify(call.headers).slice(0, 60),
      }[echo];
      // Providers quote keys in errors; an answer to a good key has no reason to.
      const payload = encode(status >= 400 ? shown + stream : stream);
      const source = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(payload);
          if (breaks) controller.error(new Error(`socket of ${Object.values(call.headers).join(' ')}`));
          else controller.close();
        },
      });
      const bodiless = status === 204;
      if (bodiless) void source.cancel().catch(() => {});
      return new Response(bodiless ? null : source, {
        status,
        headers: { 'content-type': type, 'x-request-id': 'theirs', 'set-cookie': 'a=1' },
      });
    });
    const headers = new Headers({ authorization: `Bearer ${KEY}`, 'x-api-key': KEY, 'x-goog-api-key': KEY });
    for (const [name, value] of given) {
      try {
        headers.set(name, value);
      } catch {
        // Not one that could be sent.
      }
    }
    let request: Request;
    try {
      request = new Request(`http://gateway/api/gateway${target}`, {
        method,
        headers,
        ...(method === 'GET' ? {} : { body: encode(body) as BodyInit }),
      });
    } catch {
      return;
    }
    const response = await world.gateway(request, { signal: new AbortController().signal, requestId: 'request-1' });
    const { text: answer } = await readAll(response);
    // Where the stream is ours no error of the transport is told to the caller beyond that it broke off.
    const shown = [status < 400 && breaks ? '' : answer, JSON.stringify([...response.headers]), ...world.shown].join(
      '\n',
    );
    equal(leaks(shown), undefined);
    equal(response.headers.get('set-cookie'), null);
    equal(world.open.size, 0);
    for (const { call } of world.sent) {
      ok(!JSON.stringify([call.url, call.headers]).includes(KEY));
      equal(Object.values(call.headers).filter((value) => SECRETS.some((secret) => value.includes(secret))).length, 1);
    }
  },
);
