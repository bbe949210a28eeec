import type { MastraDBMessage } from '@mastra/core/agent/message-list';
import * as z from 'zod/mini';
import type { AttachmentStore, StoredAttachment } from '../documents/attachment-store.ts';
import { toModelParts } from '../documents/model-parts.ts';

type Part = MastraDBMessage['content']['parts'][number];

/** Images of earlier messages are sent again with each step, which costs. */
const MAX_IMAGES = 4;

const metadataSchema = z.looseObject({ attachments: z.array(z.looseObject({ id: z.string() })) });

/** The messages with what was attached to them: all of it for the newest, and how to read it again for the others. */
export async function withAttachments(messages: MastraDBMessage[], store: AttachmentStore): Promise<MastraDBMessage[]> {
  let images = 0;
  const result: MastraDBMessage[] = [];
  // The newest first, so that it is their images which are sent.
  for (const [index, message] of [...messages.entries()].toReversed()) {
    const parts: Part[] = [];
    for (const stored of await attachmentsOf(message, store)) {
      const isNewest = index === messages.length - 1;
      const isImage = stored.attachment.kind === 'image' && images++ < MAX_IMAGES;
      parts.push({ type: 'text', text: headOf(stored) });
      if (isNewest || isImage) parts.push(...(await toModelParts(stored)).map(toPart));
    }
    const content = { ...message.content, parts: [...message.content.parts, ...parts] };
    result.unshift(parts.length === 0 ? message : { ...message, content });
  }
  return result;
}

async function attachmentsOf({ role, content }: MastraDBMessage, store: AttachmentStore): Promise<StoredAttachment[]> {
  const metadata = metadataSchema.safeParse(content.metadata);
  if (role !== 'user' || !metadata.success) return [];
  const found = await Promise.all(metadata.data.attachments.map(({ id }) => store.find(id)));
  return found.filter((attachment) => attachment !== undefined);
}

function headOf({ attachment: { id, name, kind, bytes } }: StoredAttachment): string {
  const how = kind === 'image' ? '' : '. Its text can be read with read_document by this id';
  return `[Attached ${kind}: ${name}, ${Math.ceil(bytes / 1024)} KB, id: ${id}${how}.]`;
}

function toPart(part: Awaited<ReturnType<typeof toModelParts>>[number]): Part {
  if (part.type === 'text') return part;
  return { type: 'file', mimeType: part.mediaType, data: `data:${part.mediaType};base64,${part.data}` };
}
