import { z } from 'zod';

const part = z.object({ type: z.string(), text: z.string().optional(), refusal: z.string().optional() });

/** Content of a message or of a tool's output: text, or parts of which only texts are read. */
export const contentSchema = z
  .union([z.string(), z.array(part), z.null()], { error: 'must be a string or an array of content parts' })
  .transform((content) => {
    if (typeof content === 'string') return content;
    return (content ?? [])
      .map(({ text, refusal }) => text ?? refusal ?? '')
      .filter((text) => text !== '')
      .join('\n');
  });

/** Limit of an answer in tokens. */
export const tokenLimit = z.number().int().min(1).nullish();
export const modelName = z.string().min(1, 'you must provide a model').max(200);
