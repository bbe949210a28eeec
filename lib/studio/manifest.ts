import { z } from 'zod';

/** What the build of Studio leaves in its folder, read by the front. Paths are relative to the folder. */
export const studioManifestSchema = z.object({
  /** Hash of everything that goes into the build. */
  inputs: z.string(),
  /** Version of the npm package `mastra`. */
  mastraVersion: z.string(),
  contentSecurityPolicy: z.string(),
  files: z.array(
    z.object({
      /** Path below the mount, for example `assets/main-BU75WpCq.js`. */
      path: z.string(),
      type: z.string(),
      /** Strong ETag, with its quotes. */
      etag: z.string(),
      /** The name has a hash of the content, so it may be kept for ever. */
      immutable: z.boolean(),
      /** Encodings that lie beside the file as `<path>.br` and `<path>.gz`. */
      encodings: z.array(z.enum(['br', 'gzip'])),
    }),
  ),
});

export type StudioManifest = z.infer<typeof studioManifestSchema>;
export type StudioFile = StudioManifest['files'][number];

export const MANIFEST_NAME = 'manifest.json';
/** Suffix of the precompressed file. */
export const ENCODING_SUFFIX = { br: '.br', gzip: '.gz' } as const;
