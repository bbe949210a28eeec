import type { MastraDBMessage } from '@mastra/core/agent/message-list';
import type { Message, MessagePart } from '../turns/message-builder.ts';

type StoredPart = MastraDBMessage['content']['parts'][number];
type StoredInvocation = Extract<StoredPart, { type: 'tool-invocation' }>['toolInvocation'];

/** A message as Mastra's memory keeps it. */
export function toStored(
  message: Message,
  thread: { threadId: string; resourceId: string },
  createdAt: Date,
): MastraDBMessage {
  return {
    id: message.id,
    role: message.role,
    createdAt,
    ...thread,
    content: {
      format: 2,
      parts: message.parts.map(toStoredPart),
      ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
    },
  };
}

function toStoredPart(part: MessagePart): StoredPart {
  if (part.type === 'text') return { type: 'text', text: part.text };
  if (part.type === 'reasoning') {
    return { type: 'reasoning', reasoning: '', details: [{ type: 'text', text: part.text }] };
  }
  if (part.type === 'step-start') return { type: 'step-start' };
  if (part.type === 'file') {
    const { mediaType, filename, url } = part;
    return { type: 'file', mimeType: mediaType, data: url, ...(filename === undefined ? {} : { filename }) };
  }
  if (isTool(part)) {
    const call = { toolCallId: part.toolCallId, toolName: part.type.slice('tool-'.length), args: part.input };
    return { type: 'tool-invocation', toolInvocation: invocation(call, part) };
  }
  const { type, id, data } = part;
  return { type, data, ...(id === undefined ? {} : { id }) };
}

type Tool = Extract<MessagePart, { toolCallId: string }>;
const isTool = (part: MessagePart): part is Tool => 'toolCallId' in part;

function invocation(call: Pick<StoredInvocation, 'toolCallId' | 'toolName' | 'args'>, part: Tool): StoredInvocation {
  if (part.state === 'output-available') return { ...call, state: 'result', result: part.output };
  return { ...call, state: 'output-error', errorText: part.errorText };
}

/** The message as the widget shows it. */
export function fromStored({ id, role, content, createdAt }: MastraDBMessage): Message {
  return {
    id,
    role: role === 'user' ? 'user' : 'assistant',
    metadata: { ...content.metadata, createdAt: new Date(createdAt).toISOString() },
    parts: content.parts.flatMap((part) => fromStoredPart(part)),
  };
}

function fromStoredPart(part: StoredPart): MessagePart[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text, state: 'done' }];
    case 'reasoning': {
      const text = part.details.map((detail) => (detail.type === 'text' ? detail.text : '')).join('');
      return [{ type: 'reasoning', text, state: 'done' }];
    }
    case 'step-start':
      return [{ type: 'step-start' }];
    case 'file': {
      const { mimeType, data } = part;
      const filename = 'filename' in part && typeof part.filename === 'string' ? part.filename : undefined;
      return [{ type: 'file', mediaType: mimeType, url: data, ...(filename === undefined ? {} : { filename }) }];
    }
    case 'tool-invocation': {
      const { toolCallId, toolName, args, state, result, errorText } = part.toolInvocation;
      const head = { type: `tool-${toolName}`, toolCallId, input: args } as const;
      if (state === 'result') return [{ ...head, state: 'output-available', output: result }];
      return [{ ...head, state: 'output-error', errorText: errorText ?? 'The turn ended before this was done.' }];
    }
    default:
      return isData(part)
        ? [{ type: part.type, ...(part.id === undefined ? {} : { id: part.id }), data: part.data }]
        : [];
  }
}

type Data = { type: `data-${string}`; id?: string; data: unknown };
const isData = (part: { type: string }): part is Data => part.type.startsWith('data-') && 'data' in part;
