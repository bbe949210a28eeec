import * as z from 'zod/mini';
import type { EntryInfo } from '../filesystem/messages.ts';

/** WatchDir and CreateWatcher take the same (spec/envd/filesystem/filesystem.proto in e2b-dev/infra). */
export const watchRequest = z.object({
  path: z._default(z.string(), ''),
  recursive: z._default(z.boolean(), false),
  includeEntry: z._default(z.boolean(), false),
  allowNetworkMounts: z._default(z.boolean(), false),
});
export const watcherRequest = z.object({ watcherId: z._default(z.string(), '') });

export type WatchRequest = z.infer<typeof watchRequest>;

export type EventType =
  | 'EVENT_TYPE_CREATE'
  | 'EVENT_TYPE_WRITE'
  | 'EVENT_TYPE_REMOVE'
  | 'EVENT_TYPE_RENAME'
  | 'EVENT_TYPE_CHMOD';

/** `name` is relative to the watched folder; the folder itself is `.`. */
export type FilesystemEvent = { name: string; type: EventType; entry?: EntryInfo };
