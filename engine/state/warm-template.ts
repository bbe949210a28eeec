import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from './atomic-file.ts';

const WarmTemplate = z.object({ version: z.literal(1), name: z.string(), buildID: z.string() });

/** Which template was used last, so that the first create after a start of the engine is as fast as others. */
export type RememberedTemplate = {
  /** Null when there is none, or the file cannot be read: it only costs the first create its speed. */
  load(): Promise<{ name: string; buildID: string } | null>;
  save(template: { name: string; buildID: string }): Promise<void>;
};

export function createWarmTemplate(dataDir: string, name: string): RememberedTemplate {
  const file = path.join(dataDir, name);
  return {
    async load() {
      try {
        return WarmTemplate.parse(JSON.parse(await readFile(file, 'utf8')));
      } catch {
        return null;
      }
    },
    save: ({ name, buildID }) =>
      writeFileAtomic(file, JSON.stringify({ version: 1, name, buildID }), { sync: 'after' }),
  };
}
