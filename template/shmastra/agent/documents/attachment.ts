import * as z from 'zod/mini';

export const attachmentSchema = z.object({
  id: z.string(),
  name: z.string(),
  mediaType: z.string(),
  bytes: z.number(),
  kind: z.enum(['image', 'text', 'document']),
  /** What the person should know about it, such as that only a part could be read. */
  note: z.optional(z.string()),
});

/** A file that somebody has attached to a message. */
export type Attachment = z.infer<typeof attachmentSchema>;
