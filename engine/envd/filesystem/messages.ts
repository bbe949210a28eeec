import * as z from 'zod/mini';
import type { Metadata } from './metadata.ts';

/** What the Filesystem RPCs take (spec/envd/filesystem/filesystem.proto in e2b-dev/infra, as protobuf JSON). */
const path = z._default(z.string(), '');

export const pathRequest = z.object({ path });
export const moveRequest = z.object({ source: path, destination: path });
export const listRequest = z.object({ path, depth: z._default(z.uint32(), 0) });

export type EntryInfo = {
  name: string;
  type: 'FILE_TYPE_FILE' | 'FILE_TYPE_DIRECTORY' | 'FILE_TYPE_SYMLINK' | 'FILE_TYPE_UNSPECIFIED';
  path: string;
  /** Bytes; an int64 is a string in protobuf JSON. */
  size: string;
  /** Permission bits alone; of what a link points to. */
  mode: number;
  permissions: string;
  owner: string;
  group: string;
  modifiedTime: string;
  symlinkTarget?: string;
  metadata?: Metadata;
};
