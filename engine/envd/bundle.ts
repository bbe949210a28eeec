import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ENTRY = fileURLToPath(new URL('./main.ts', import.meta.url));

/**
 * Bundles envd into one CommonJS file for the private Node in the sandbox: Node's loader of ES modules would double the
 * start-up time and add 10 MB.
 */
export async function bundleEnvd(): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minify: true,
    keepNames: false,
    legalComments: 'none',
  });
  const [file] = result.outputFiles;
  if (!file) throw new Error('bundling envd gave no output');
  return file.contents;
}

/**
 * The addon of koffi for this machine, which envd calls the C library with, as npm delivers it.
 * @throws Error when its package is not installed.
 */
export function koffiAddon(): string {
  const platform = `linux-${process.arch}`;
  const addon = `@koromix/koffi-${platform}/${platform.replace('-', '_')}/koffi.node`;
  return createRequire(import.meta.url).resolve(addon);
}
