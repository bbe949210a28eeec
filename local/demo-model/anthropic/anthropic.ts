import { jsonReply, type Protocol } from '../protocol.ts';
import { promptTokens } from '../tokens.ts';
import { anthropicErrorBody } from './errors.ts';
import { messagesAnswer, messagesEvents } from './messages-answer.ts';
import { readCountTokens, readMessages } from './messages-request.ts';

/** Any model's name is played; these are listed. */
const MODELS = ['claude-opus-5', 'claude-sonnet-5', 'claude-haiku-4-5'];

const model = (id: string) => ({
  type: 'model',
  id,
  display_name: `Demo model (${id})`,
  created_at: '2025-10-01T00:00:00Z',
});

export const anthropic: Protocol = {
  requestIdHeader: 'request-id',
  errorBody: anthropicErrorBody,
  endpoints: [
    {
      method: 'POST',
      path: /^\/v1\/messages$/,
      answer({ body, plan, newId }) {
        const { request, prompt } = readMessages(body);
        const answer = messagesAnswer(request, plan(prompt), newId);
        return request.stream ? { type: 'events', events: messagesEvents(answer) } : jsonReply(answer);
      },
    },
    {
      method: 'POST',
      path: /^\/v1\/messages\/count_tokens$/,
      answer: ({ body }) => jsonReply({ input_tokens: promptTokens(readCountTokens(body)) }),
    },
    {
      method: 'GET',
      path: /^\/v1\/models$/,
      answer: () =>
        jsonReply({ data: MODELS.map(model), has_more: false, first_id: MODELS[0], last_id: MODELS.at(-1) }),
    },
    {
      method: 'GET',
      path: /^\/v1\/models\/(?<id>[^/]+)$/,
      answer: ({ params }) => jsonReply(model(params['id'] ?? '')),
    },
  ],
};
