/**
 * Callers of the gateway, many at once: `node client-process.ts <json>`. Each asks until its calls are done or the budget
 * is spent. Some hang up in the middle. Prints what became of them as one line of JSON.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { z } from 'zod';

const options = z
  .object({
    url: z.url(),
    key: z.string(),
    callers: z.number(),
    callsEach: z.number(),
    /** Share of calls that hang up, from 0 to 1. */
    hangUps: z.number(),
    maxTokens: z.number(),
    deadlineMs: z.number(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

const counts = { answered: 0, hungUp: 0, refusedForNow: 0, refused: 0, broken: 0, other: 0 };
const dispatcher = new Agent({ connections: null, pipelining: 1, headersTimeout: 60_000, bodyTimeout: 60_000 });
const deadline = Date.now() + options.deadlineMs;
const prompt = 'Tell me about budgets. '.repeat(20);

async function call(stream: boolean): Promise<'done' | 'again' | 'spent'> {
  const abort = new AbortController();
  const hangsUp = Math.random() < options.hangUps;
  const timer = hangsUp ? setTimeout(() => abort.abort(), Math.random() * 700) : undefined;
  try {
    const answer = await request(`${options.url}/api/gateway/openai/v1/chat/completions`, {
      method: 'POST',
      dispatcher,
      signal: abort.signal,
      headers: { authorization: `Bearer ${options.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'gpt-5-mini',
        stream,
        max_tokens: options.maxTokens,
        messages: [{ role: 'user', content: prompt }],
      }),
    });
    const text = await answer.body.text();
    if (answer.statusCode === 200) {
      counts.answered += 1;
      return 'done';
    }
    if (answer.statusCode === 429 || answer.statusCode === 402 || answer.statusCode === 403) {
      const later = /held by calls that are running/.test(text);
      counts[later ? 'refusedForNow' : 'refused'] += 1;
      return later ? 'again' : 'spent';
    }
    if (answer.statusCode === 503 || answer.statusCode === 502) {
      counts.broken += 1;
      return 'again';
    }
    counts.other += 1;
    process.stderr.write(`${answer.statusCode} ${text.slice(0, 300)}\n`);
    return 'done';
  } catch {
    if (abort.signal.aborted) {
      counts.hungUp += 1;
      return 'done';
    }
    counts.broken += 1;
    return 'again';
  } finally {
    clearTimeout(timer);
  }
}

async function caller(index: number): Promise<void> {
  for (let done = 0; done < options.callsEach && Date.now() < deadline;) {
    const end = await call((index + done) % 3 !== 0);
    if (end === 'spent') return;
    if (end === 'done') done += 1;
    else await sleep(200 + Math.random() * 600);
  }
}

await Promise.all(Array.from({ length: options.callers }, (_, index) => caller(index)));
process.stdout.write(`${JSON.stringify(counts)}\n`);
await dispatcher.destroy();
