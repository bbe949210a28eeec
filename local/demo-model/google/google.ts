import { DemoModelError } from '../errors.ts';
import { jsonReply, type Protocol } from '../protocol.ts';
import { promptTokens } from '../tokens.ts';
import { googleErrorBody } from './errors.ts';
import { createGoogleAnswer } from './generate-answer.ts';
import { readCount, readGenerate } from './generate-request.ts';

/** Any model's name is played; these are listed. */
const MODELS = ['gemini-2.5-pro', 'gemini-2.5-flash', 'gemini-2.5-flash-lite'];

const model = (id: string) => ({
  name: `models/${id}`,
  baseModelId: id,
  version: 'demo',
  displayName: `Demo model (${id})`,
  description: 'Scripted answers in place of the model.',
  inputTokenLimit: 1_048_576,
  outputTokenLimit: 65_536,
  supportedGenerationMethods: ['generateContent', 'countTokens'],
});

export const google: Protocol = {
  requestIdHeader: null,
  errorBody: googleErrorBody,
  endpoints: [
    {
      method: 'POST',
      path: /^\/v1beta\/models\/(?<id>[^/:]+):generateContent$/,
      answer({ body, params: { id = '' }, plan, newId }) {
        return jsonReply(createGoogleAnswer(id, plan(readGenerate(body, id)), newId).whole());
      },
    },
    {
      method: 'POST',
      path: /^\/v1beta\/models\/(?<id>[^/:]+):streamGenerateContent$/,
      answer({ body, params: { id = '' }, query, plan, newId }) {
        const events = createGoogleAnswer(id, plan(readGenerate(body, id)), newId).chunks();
        return query.get('alt') === 'sse' ? { type: 'events', events, lineEnd: '\r\n' } : { type: 'array', events };
      },
    },
    {
      method: 'POST',
      path: /^\/v1beta\/models\/(?<id>[^/:]+):countTokens$/,
      answer({ body, params: { id = '' } }) {
        const totalTokens = promptTokens(readCount(body, id));
        return jsonReply({ totalTokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: totalTokens }] });
      },
    },
    {
      method: 'POST',
      path: /^\/v1beta\/models\/[^/:]+:(embedContent|batchEmbedContents)$/,
      answer() {
        throw new DemoModelError(
          404,
          'not_played',
          'The demo model only writes text. Add a provider key for the rest.',
        );
      },
    },
    { method: 'GET', path: /^\/v1beta\/models$/, answer: () => jsonReply({ models: MODELS.map(model) }) },
    {
      method: 'GET',
      path: /^\/v1beta\/models\/(?<id>[^/:]+)$/,
      answer: ({ params }) => jsonReply(model(params['id'] ?? '')),
    },
  ],
};
