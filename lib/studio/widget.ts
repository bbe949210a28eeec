import { z } from 'zod';

/** Where the widget's files are served. */
export const WIDGET_MOUNT = '/widget';

/** `widget-BU75WpCq.js`, `widget.0f3a9c21e7.js`, and maps of such: the name changes with the content. */
const HASHED = /^[\w-]+[.-][\w-]{8,64}\.(?:js|css|svg|wasm|woff2)(?:\.map)?$/;

/** What the build of the widget leaves beside its files as `manifest.json`. */
export const widgetManifestSchema = z.object({
  /** File name of the one script that Studio's page loads. Browsers keep it for ever, so it needs the hash. */
  script: z.string().regex(HASHED).endsWith('.js'),
});

/** Names that are served; what else lies in the folder (stamps, precompressed copies) is not. */
export function isWidgetFile(name: string): boolean {
  return /^\w[\w.-]*\.(?:js|css|map|svg|wasm|woff2)$/.test(name);
}

export function hasContentHash(name: string): boolean {
  return HASHED.test(name);
}
