import { type Exchange, sendEvents, sendJson, toolToCall } from './answering.ts';
import { TEXT, TOOL_INPUT, WORDS } from './words.ts';

const USAGE = {
  promptTokenCount: 13,
  candidatesTokenCount: 9,
  thoughtsTokenCount: 5,
  cachedContentTokenCount: 3,
  totalTokenCount: 27,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: 13 }],
};

export function answerGoogle(exchange: Exchange, status: number): void | Promise<void> {
  const { call, body, res } = exchange;
  const [path = '', query = ''] = call.url.replace(/^\/google\/v1beta/, '').split('?');
  if (status > 0)
    return sendJson(res, status, { error: { code: status, message: `status ${status}`, status: 'UNAVAILABLE' } });
  const tool = toolToCall(body);
  const candidate = (parts: unknown[], finishReason?: string) => ({
    candidates: [{ content: { role: 'model', parts }, index: 0, ...(finishReason ? { finishReason } : {}) }],
    modelVersion: 'gemini-double',
    responseId: 'r1',
  });
  const whole = tool === null ? [{ text: TEXT }] : [{ functionCall: { name: tool, args: TOOL_INPUT } }];
  if (path === '/models')
    return sendJson(res, 200, { models: [{ name: 'models/gemini-2.5-flash', displayName: 'Gemini' }] });
  if (path.endsWith(':countTokens')) return sendJson(res, 200, { totalTokens: 13 });
  if (path.endsWith(':batchEmbedContents')) return sendJson(res, 200, { embeddings: [{ values: [0.25, -0.5] }] });
  if (path.endsWith(':generateContent'))
    return sendJson(res, 200, { ...candidate(whole, 'STOP'), usageMetadata: USAGE });
  if (!path.endsWith(':streamGenerateContent'))
    return sendJson(res, 404, { error: { code: 404, message: path, status: 'NOT_FOUND' } });
  const parts = tool === null ? WORDS.map((text) => [{ text }]) : [whole];
  const chunks = parts.map((one, index) => {
    const last = index === parts.length - 1;
    const usage = last ? USAGE : { promptTokenCount: 13, totalTokenCount: 13 };
    return { ...candidate(one, last ? 'STOP' : undefined), usageMetadata: usage };
  });
  if (query.includes('alt=sse'))
    return sendEvents(
      exchange,
      chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`),
    );
  return sendJson(res, 200, chunks);
}
