import { DemoModelError } from '../errors.ts';
import { jsonReply, type Protocol } from '../protocol.ts';
import { chatAnswer } from './chat-answer.ts';
import { chatEvents } from './chat-events.ts';
import { readChat } from './chat-request.ts';
import { openaiErrorBody } from './errors.ts';
import { responsesAnswer } from './responses-answer.ts';
import { responsesEvents } from './responses-events.ts';
import { readResponses } from './responses-request.ts';

/** Any model's name is played; these are listed. */
const MODELS = ['gpt-5', 'gpt-5-mini', 'gpt-5-nano', 'gpt-4.1', 'gpt-4.1-mini'];
/** 2025-08-07, in seconds. */
const CREATED = 1_754_524_800;

const model = (id: string) => ({ id, object: 'model', created: CREATED, owned_by: 'demo-model' });

export const openai: Protocol = {
  requestIdHeader: 'x-request-id',
  errorBody: openaiErrorBody,
  endpoints: [
    {
      method: 'POST',
      path: /^\/v1\/responses$/,
      answer({ body, plan, newId, now }) {
        const { request, prompt } = readResponses(body);
        const answer = responsesAnswer(request, plan(prompt), { newId, now });
        return request.stream ? { type: 'events', events: responsesEvents(answer) } : jsonReply(answer.completed);
      },
    },
    {
      method: 'POST',
      path: /^\/v1\/chat\/completions$/,
      answer({ body, plan, newId, now }) {
        const { request, prompt } = readChat(body);
        const answer = chatAnswer(request, plan(prompt), { newId, now });
        return request.stream
          ? { type: 'events', events: chatEvents(answer, request.stream_options?.include_usage ?? false) }
          : jsonReply(answer);
      },
    },
    { method: 'GET', path: /^\/v1\/models$/, answer: () => jsonReply({ object: 'list', data: MODELS.map(model) }) },
    {
      method: 'GET',
      path: /^\/v1\/models\/(?<id>[^/]+)$/,
      answer: ({ params }) => jsonReply(model(params['id'] ?? '')),
    },
    {
      method: 'POST',
      path: /^\/v1\/(embeddings|images\/generations|audio\/\w+)$/,
      answer() {
        throw new DemoModelError(
          404,
          'not_played',
          'The demo model only writes text. Add a provider key for the rest.',
        );
      },
    },
  ],
};
