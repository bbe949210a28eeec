import { afterEach, expect, it, vi } from 'vitest';
import { parseRegistryImage } from './reference.ts';
import { inspectImage } from './skopeo.ts';

afterEach(() => vi.unstubAllEnvs());

it('names the packages that a machine without skopeo needs', async () => {
  vi.stubEnv('PATH', '/nonexistent');
  const asked = inspectImage(parseRegistryImage('python:3'), { plainHttp: false, authFile: undefined });
  await expect(asked).rejects.toThrow(/apt-get install skopeo umoci/);
});
