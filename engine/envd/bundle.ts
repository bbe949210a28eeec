import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ENTRY = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Bundles envd into one ES module for the private Node in the sandbox. */
export async function bundleEnvd(): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    keepNames: false,
    legalComments: 'none',
    // The multipart parser is CommonJS and requires Node's own modules.
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  const [file] = result.outputFiles;
  if (!file) throw new Error('bundling envd gave no output');
  return file.contents;
}
