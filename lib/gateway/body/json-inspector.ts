import type { GatewayError } from '../errors.ts';
import { JsonScanner } from '../json/scanner.ts';
import type { Found } from '../json/value-capture.ts';
import { isModelName, MODEL_NAME_RULE } from '../model-name.ts';
import type { Format } from '../routes.ts';
import { type BodyInspector, type Edit, foreignObject, invalidBody, noFacts, type StoredId } from './facts.ts';
import { STORED, watchOf } from './watches.ts';

/** Ids in one body at most. */
const STORED_IDS = 2000;
/** White space behind the value at most: it is held back with the value's end. Bytes. */
const TRAILING = 64 * 1024;

/** @param pathModel the model that the address names, which the body may only repeat */
export function createJsonInspector(format: Format, pathModel: string | null): BodyInspector {
  const facts = { ...noFacts(), model: pathModel };
  const storedIds: StoredId[] = [];
  let refusal: GatewayError | null = null;
  let options: Found | null = null;
  let chatLimit: number | null = null;
  let size = 0;
  const scanner = new JsonScanner(watchOf(format), (found) => {
    refusal ??= take(found);
  });

  function take(found: Found): GatewayError | null {
    const { name, value } = found;
    if (name.startsWith(STORED)) return storedObject(name.slice(STORED.length), value);
    switch (name) {
      case 'model':
        if (!isModelName(value)) return invalidBody(MODEL_NAME_RULE);
        facts.model = value;
        return null;
      case 'body_model':
        // Some SDKs repeat it with its collection.
        return value === pathModel || value === `models/${pathModel}`
          ? null
          : invalidBody('"model" in the body is not the model of the address.');
      case 'stream':
        return flag('stream', value, (on) => (facts.stream = on));
      case 'background':
        return flag('background', value, () => {}) ?? (value === true ? inBackground() : null);
      case 'stream_options':
        options = found;
        facts.usageAsked = isRecord(value) && value['include_usage'] === true;
        return value === undefined ? invalidBody('"stream_options" is too long.') : null;
      case 'max_output':
        return bound(value, (tokens) => (facts.maxOutputTokens = tokens));
      case 'max_tokens':
        return bound(value, (tokens) => (chatLimit = tokens));
      case 'count':
        return bound(value, (number) => (facts.count = number));
      case 'previous_response_id':
        return value === null ? null : own('response', value);
      case 'item_id':
        return value === null || value === '' ? null : own('item', value);
      default:
        return null;
    }
  }

  function own(kind: StoredId['kind'], id: unknown): GatewayError | null {
    if (typeof id !== 'string') return invalidBody('An id in the body is not a text of at most 500 characters.');
    if (storedIds.length === STORED_IDS) return invalidBody(`The body names more than ${STORED_IDS} ids.`);
    storedIds.push({ kind, id });
    return null;
  }

  function problem(): GatewayError | null {
    if (refusal !== null) return refusal;
    const key = scanner.problemKey ?? '';
    switch (scanner.problem) {
      case null:
        return null;
      case 'duplicate_key':
        return invalidBody(`The body has "${key}" twice.`);
      case 'ambiguous_key':
        return invalidBody(`The body has "${key}", which could be read as another field.`);
      case 'too_deep':
        return invalidBody('The body is nested too deeply.');
      case 'not_json':
        return invalidBody('The body is not JSON in UTF-8.');
    }
  }

  return {
    facts,
    storedIds,
    get doneAt() {
      return scanner.doneAt;
    },
    write: (chunk) => {
      size += chunk.length;
      scanner.write(chunk);
      if (scanner.done && size - scanner.doneAt > TRAILING) return invalidBody('The body ends with white space only.');
      return problem();
    },
    end: () => {
      scanner.end();
      // Of two names for one bound a provider takes either.
      if (chatLimit !== null) facts.maxOutputTokens = Math.max(facts.maxOutputTokens ?? 0, chatLimit);
      return problem();
    },
    edit: () => {
      if (format !== 'chat' || !facts.stream || facts.usageAsked) return null;
      return withUsage(options, scanner.doneAt);
    },
  };
}

/** Turns `stream_options.include_usage` on. */
function withUsage(options: Found | null, doneAt: number): Edit {
  if (options === null) return { start: doneAt - 1, end: doneAt - 1, text: ',"stream_options":{"include_usage":true}' };
  const given = isRecord(options.value) ? options.value : {};
  return { start: options.start, end: options.end, text: JSON.stringify({ ...given, include_usage: true }) };
}

/** A field that names stored objects: allowed where its value names none. */
function storedObject(field: string, value: unknown): GatewayError | null {
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return null;
  // Public addresses are content; files of the provider's own API are somebody's.
  if (/^file_?uri$/i.test(field) && typeof value === 'string' && isPublicUri(value)) return null;
  // `{"type":"auto"}` asks for a container of its own.
  if (field === 'container' && isRecord(value) && isNewContainer(value)) return null;
  // In the format of completions and images a prompt is a text.
  if (field === 'prompt' && typeof value === 'string') return null;
  return foreignObject(field);
}

function isPublicUri(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname } = new URL(uri);
  return protocol === 'https:' && !/(?:^|\.)googleapis\.com\.?$/i.test(hostname);
}

function isNewContainer(container: Record<string, unknown>): boolean {
  const { type, file_ids: files, id, skills } = container;
  return (
    type === 'auto' &&
    id === undefined &&
    skills === undefined &&
    (files === undefined || (Array.isArray(files) && files.length === 0))
  );
}

function inBackground(): GatewayError {
  return invalidBody('"background" is not possible here: the answer could not be fetched later.', 'Stream the answer.');
}

function flag(field: string, value: unknown, set: (on: boolean) => void): GatewayError | null {
  if (value !== null && typeof value !== 'boolean') return invalidBody(`"${field}" is neither true nor false.`);
  set(value === true);
  return null;
}

function bound(value: unknown, set: (number: number) => void): GatewayError | null {
  if (value === null) return null;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    return invalidBody('A bound in the body is not a whole number.');
  }
  set(value);
  return null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
