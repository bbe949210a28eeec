import type { StoredId } from '../body/facts.ts';
import { latin1 } from '../json/bytes.ts';
import { JsonScanner } from '../json/scanner.ts';
import type { Found } from '../json/value-capture.ts';
import { NO_USAGE, type Usage } from '../ledger.ts';
import type { Protocol } from '../provider.ts';
import type { Format } from '../routes.ts';
import { isResponseId } from '../stored-ids.ts';
import { createSseReader } from './sse.ts';
import { anthropicUsage, googleUsage, openaiUsage, record } from './usage.ts';
import { answerWatch } from './watches.ts';

export type Metered = {
  /** Null when the answer did not say it, or ended before it did. */
  usage: Usage | null;
  serviceTier: string | undefined;
  /** Of a response. @see isResponseId */
  responseId: string | undefined;
  /** The provider says that the call failed after its answer had begun; such calls are not billed. */
  failed: boolean;
};

export type Meter = {
  /** Looks at a chunk; keeps none of it. */
  write(chunk: Uint8Array): void;
  /** @param complete whether the provider ended its answer itself */
  result(complete: boolean): Metered;
};

export type MeterOptions = {
  protocol: Protocol;
  format: Format;
  contentType: string;
  /** Ids of what the provider stored of this answer, as they come. */
  onStored?: (stored: StoredId) => void;
};

/** Reads the usage out of an answer. Null when answers of this type have none. */
export function createMeter({ protocol, format, contentType, onStored }: MeterOptions): Meter | null {
  const events = /^text\/event-stream/i.test(contentType);
  if (!events && !/^application\/(?:[\w.-]+\+)?json/i.test(contentType)) return null;
  let usage: Usage | null = null;
  let serviceTier: string | undefined;
  let responseId: string | undefined;
  let failed = false;
  let images = 0;
  let searches = 0;
  let duration: number | null = null;
  /** Anthropic's events add to each other; a later field replaces an earlier one. */
  const merged: Record<string, unknown> = {};
  /** The provider said that this is the last word on usage. */
  let final = false;
  let type = '';
  let itemType = '';

  const scanner = new JsonScanner(answerWatch(protocol), ({ name, value }: Found) => {
    switch (name) {
      case 'usage':
        return takeUsage(value);
      case 'type':
        type = typeof value === 'string' ? value : '';
        return;
      case 'item_type':
        itemType = typeof value === 'string' ? value : '';
        // In a stream each item is told when it is done, and once more in the whole response.
        if (itemType === 'web_search_call' && (!events || type === 'response.output_item.done')) searches++;
        return;
      case 'response_id':
        if (format !== 'responses' || typeof value !== 'string') return;
        if (isResponseId(value)) responseId = value;
        onStored?.({ kind: 'response', id: value });
        return;
      case 'item_id':
        if (format === 'responses' && typeof value === 'string') onStored?.({ kind: 'item', id: value });
        return;
      case 'status':
        if (value === 'failed') failed = true;
        return;
      case 'tier':
        if (typeof value === 'string') serviceTier = value;
        return;
      case 'image':
        if (format === 'images') images++;
        return;
      case 'duration':
        if (typeof value === 'number' && value >= 0) duration = value;
    }
  });

  function takeUsage(value: unknown): void {
    if (record(value) === null) return;
    if (protocol === 'anthropic') {
      for (const [key, one] of Object.entries(value as object)) if (one !== null) merged[key] = one;
      usage = anthropicUsage(merged);
      if (typeof merged['service_tier'] === 'string') serviceTier = merged['service_tier'];
    } else usage = (protocol === 'google' ? googleUsage(value) : openaiUsage(value)) ?? usage;
  }

  const write = events
    ? createSseReader({
        wants: (event) => isOfInterest(protocol, event),
        data: (chunk, from, to) => {
          if (isDoneMark(chunk, from, to)) final ||= usage !== null;
          else scanner.write(chunk, from, to);
        },
        ended: () => {
          if (type === 'message_delta' || /(?:completed|\.done|\.incomplete)$/.test(type)) final ||= usage !== null;
          if (type === 'image_generation.completed' || type === 'image_edit.completed') images++;
          // A failed response is not billed, whatever was streamed before.
          if (type === 'response.failed') failed = true;
          type = '';
          scanner.reset();
        },
      })
    : (chunk: Uint8Array) => void scanner.write(chunk);

  return {
    write,
    result: (complete) => {
      const known = complete || final;
      const seen = known ? (usage ?? byPiece()) : null;
      if (seen === null) return { usage: null, serviceTier, responseId, failed };
      const imageTokens = images > 0 && seen.imageOutputTokens === 0 ? seen.outputTokens : seen.imageOutputTokens;
      return {
        usage: { ...seen, images, imageOutputTokens: imageTokens, webSearches: seen.webSearches + searches },
        serviceTier,
        responseId,
        failed: failed && usage === null,
      };
    },
  };

  /** Answers without tokens that are billed by the piece. */
  function byPiece(): Usage | null {
    if (images > 0) return NO_USAGE;
    return duration === null ? null : { ...NO_USAGE, audioSeconds: duration };
  }
}

/** `data: [DONE]`, with which streams of chat completions end. */
function isDoneMark(chunk: Uint8Array, from: number, to: number): boolean {
  if (to - from > 8) return false;
  return latin1(chunk, from, to).trim() === '[DONE]';
}

/** Events that can hold usage, ids or a failure; all events without a name. */
function isOfInterest(protocol: Protocol, event: string): boolean {
  if (event === '') return true;
  if (protocol === 'anthropic') return event === 'message_start' || event === 'message_delta';
  if (protocol !== 'openai') return true;
  if (!event.startsWith('response.')) return true;
  return (
    event === 'response.created' ||
    event === 'response.output_item.added' ||
    event === 'response.output_item.done' ||
    event === 'response.completed' ||
    event === 'response.incomplete' ||
    event === 'response.failed'
  );
}
