import { capture, keysOf, type Watch } from '../json/watch.ts';
import type { Protocol } from '../provider.ts';

const usage = capture('usage', 16 * 1024);
/** Of the whole answer. */
const responseId = capture('response_id', 512);
/** Of one of its items. */
const itemId = capture('item_id', 512);
const status = capture('status', 64);
const tier = capture('tier', 64);
const outputItem: Watch = { keys: keysOf({ id: itemId, type: capture('item_type', 64) }) };
const outputItems: Watch = { items: outputItem };

/** Whole answers and events of streams alike. */
const OPENAI: Watch = {
  keys: keysOf({
    usage,
    id: responseId,
    type: capture('type', 64),
    status,
    service_tier: tier,
    output: outputItems,
    data: { items: { note: 'image' } },
    duration: capture('duration', 64),
    response: { keys: keysOf({ usage, id: responseId, status, service_tier: tier, output: outputItems }) },
    item: outputItem,
  }),
};

const ANTHROPIC: Watch = {
  keys: keysOf({ type: capture('type', 64), usage, message: { keys: keysOf({ usage }) } }),
};

const chunk: Watch = { keys: keysOf({ usageMetadata: usage }) };
// Without `alt=sse` a stream is one long list.
const GOOGLE: Watch = { ...chunk, items: chunk };

export function answerWatch(protocol: Protocol): Watch {
  switch (protocol) {
    case 'openai':
      return OPENAI;
    case 'anthropic':
      return ANTHROPIC;
    case 'google':
      return GOOGLE;
    case 'composio':
      return {};
  }
}
