import {
  commitDataSchema,
  filePartSchema,
  noticeSchema,
  planSchema,
  turnDataSchema,
  type CommitData,
  type Notice,
  type Plan,
  type TurnData,
} from '../api/parts.ts';
import type { Attachment, ChatMessage, MessagePart } from '../api/shapes.ts';

/** The text of a message, as it was typed or said. */
export function textOf(message: ChatMessage): string {
  const texts = message.parts.filter((part) => part.type === 'text').map((part) => part['text']);
  return texts.filter((text) => typeof text === 'string').join('\n\n');
}

function lastData(message: ChatMessage | null, type: string): unknown {
  return message?.parts.findLast((part: MessagePart) => part.type === type)?.['data'];
}

export function turnOf(message: ChatMessage | null): TurnData | null {
  const read = turnDataSchema.safeParse(lastData(message, 'data-turn'));
  return read.success ? read.data : null;
}

/** The plan of a turn, or null when it has none or an empty one. */
export function planOf(message: ChatMessage | null): Plan | null {
  const read = planSchema.safeParse(lastData(message, 'data-plan'));
  return read.success && read.data.items.length > 0 ? read.data : null;
}

export function commitOf(message: ChatMessage | null): CommitData | null {
  const read = commitDataSchema.safeParse(lastData(message, 'data-commit'));
  return read.success ? read.data : null;
}

export function noticeOf(message: ChatMessage | null): Notice | null {
  const read = noticeSchema.safeParse(lastData(message, 'data-notice'));
  return read.success ? read.data : null;
}

/** Whether the turn waits for an answer of the person. */
export function asks(message: ChatMessage | null): boolean {
  return turnOf(message)?.state === 'asking';
}

export type ShownFile = { name: string; mediaType: string };

export function filesOf(message: ChatMessage): ShownFile[] {
  return message.parts.flatMap((part) => {
    const read = part.type === 'file' ? filePartSchema.safeParse(part) : null;
    return read?.success ? [{ name: read.data.filename ?? 'Attachment', mediaType: read.data.mediaType }] : [];
  });
}

/** The person's message as it is shown until the agent has it. */
export function localMessage(clientId: string, text: string, attachments: readonly Attachment[]): ChatMessage {
  const files = attachments.map((file) => ({
    type: 'file',
    mediaType: file.mediaType,
    filename: file.name,
    url: '',
  }));
  return { id: clientId, role: 'user', parts: [{ type: 'text', text }, ...files] };
}
