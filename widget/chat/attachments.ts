import * as z from 'zod/mini';
import { API_HEADERS } from '../api/client.ts';
import { ApiFailure, failureOf, toFailure } from '../api/failure.ts';
import { attachmentSchema, type Attachment, type ChatMessage, type Info } from '../api/shapes.ts';
import type { ChatContext } from './context.ts';
import type { Upload } from './state.ts';
import { bytesText } from './time.ts';

/** Used until the agent has said its own. */
const DEFAULT_LIMITS: Info['limits'] = { promptCharacters: 100_000, attachmentBytes: 20_000_000, attachments: 10 };

/** Why a file cannot be attached, or null. Said before a byte of it travels. */
export function refusalOf(
  file: { name: string; size: number },
  present: number,
  limits: Info['limits'],
): string | null {
  if (present >= limits.attachments) return `At most ${limits.attachments} files go with one message.`;
  if (file.size > limits.attachmentBytes) {
    return `${bytesText(file.size)} is too large. The limit is ${bytesText(limits.attachmentBytes)}.`;
  }
  return file.size === 0 ? 'The file is empty.' : null;
}

const metadataSchema = z.object({ attachments: z.array(attachmentSchema) });

/** What went with a message, so that it goes along again when the message is edited or sent anew. */
export function attachmentsOf(message: ChatMessage): Attachment[] {
  const read = metadataSchema.safeParse(message.metadata);
  return read.success ? read.data.attachments : [];
}

export type Send = (
  name: string,
  file: Blob,
  onProgress: (done: number) => void,
  signal: AbortSignal,
) => Promise<Attachment>;

export function createAttachments(context: ChatContext, send: Send) {
  const { store } = context;
  const running = new Map<string, AbortController>();

  function change(key: string, next: Partial<Upload>): void {
    store.setState((state) => ({
      uploads: state.uploads.map((upload) => (upload.key === key ? { ...upload, ...next } : upload)),
    }));
  }

  async function add(file: File): Promise<void> {
    const { uploads, info } = store.getState();
    const present = uploads.filter((upload) => upload.state !== 'refused').length;
    const reason = refusalOf(file, present, info?.limits ?? DEFAULT_LIMITS);
    const key = context.uuid();
    const state = reason === null ? 'uploading' : 'refused';
    const upload: Upload = { key, name: file.name, bytes: file.size, progress: 0, state, attachment: null, reason };
    store.setState({ uploads: [...uploads, upload] });
    if (reason !== null) return;
    const controller = new AbortController();
    running.set(key, controller);
    try {
      const attachment = await send(file.name, file, (progress) => change(key, { progress }), controller.signal);
      change(key, { state: 'ready', attachment, progress: 1 });
    } catch (error) {
      if (!controller.signal.aborted) change(key, { state: 'refused', reason: toFailure(error).message });
    } finally {
      running.delete(key);
    }
  }

  return {
    attach(files: Iterable<File>): void {
      for (const file of [...files].slice(0, 50)) void add(file);
    },
    removeUpload(key: string): void {
      running.get(key)?.abort();
      store.setState((state) => ({ uploads: state.uploads.filter((upload) => upload.key !== key) }));
    },
    dropUploads(): void {
      for (const controller of running.values()) controller.abort();
      store.setState({ uploads: [] });
    },
  };
}

/** Uploads by XMLHttpRequest, since fetch does not tell how far it is. */
export function uploader(base: string): Send {
  return (name, file, onProgress, signal) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('POST', `${base}/attachments?name=${encodeURIComponent(name)}`);
      for (const [header, value] of Object.entries(API_HEADERS)) request.setRequestHeader(header, value);
      request.responseType = 'json';
      request.timeout = 300_000;
      request.upload.addEventListener('progress', (event) => {
        if (event.lengthComputable) onProgress(event.loaded / event.total);
      });
      const lost = new ApiFailure('offline', 'offline', 'The connection was lost. Attach it again.');
      request.addEventListener('error', () => reject(lost));
      request.addEventListener('timeout', () => reject(lost));
      request.addEventListener('abort', () => reject(lost));
      request.addEventListener('load', () => {
        const answer: unknown = request.response;
        if (request.status >= 300) return reject(failureOf(request.status, answer, null));
        const parsed = attachmentSchema.safeParse(answer);
        if (parsed.success) resolve(parsed.data);
        else reject(new ApiFailure('refused', 'unreadable', 'The workspace did not take the file.'));
      });
      signal.addEventListener('abort', () => request.abort());
      request.send(file);
    });
}
