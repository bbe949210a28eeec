import { open } from 'node:fs/promises';
import { ApiError } from '../errors.ts';
import { LIMITS } from './limits.ts';

/** Writes an upload to a file as it arrives. Throws `import_too_large` as soon as it is. */
export async function receiveFile(file: string, body: AsyncIterable<Uint8Array>, declared: number): Promise<void> {
  if (declared > LIMITS.packedBytes) throw tooLarge();
  const handle = await open(file, 'wx', 0o600);
  try {
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      if (bytes > LIMITS.packedBytes) throw tooLarge();
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
}

const tooLarge = () =>
  new ApiError(413, 'import_too_large', 'A project to import may have up to 50 MB. Nothing was changed.', {
    next: 'Leave out node_modules and data, which are made anew.',
  });
