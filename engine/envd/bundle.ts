import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** `main` is envd, `loader` runs it with the code that `compile` made. @see ./boot/loader.ts */
export type EnvdBundle = { main: Uint8Array; loader: Uint8Array; compile: Uint8Array };

/**
 * Bundles envd into one CommonJS file for the private Node in the sandbox: Node's loader of ES modules would double the
 * start-up time and add 10 MB.
 */
export async function bundleEnvd(): Promise<EnvdBundle> {
  const [main, loader, compile] = await Promise.all(['./main.ts', './boot/loader.ts', './boot/compile.ts'].map(bundle));
  if (!main || !loader || !compile) throw new Error('bundling envd gave no output');
  return { main, loader, compile };
}

async function bundle(entry: string): Promise<Uint8Array | undefined> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minify: true,
    keepNames: false,
    legalComments: 'none',
  });
  return result.outputFiles[0]?.contents;
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
