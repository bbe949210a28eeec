import type { TestProject } from 'vitest/node';
import { TestEngine } from '../../testing/engine.ts';

/** One engine for all files of the project; starting one takes seconds, and sandboxes of one engine do not meet. */
export type EngineAccess = { apiKey: string; url: string; domain: string };

declare module 'vitest' {
  interface ProvidedContext {
    plainEngine: EngineAccess;
  }
}

/** vitest's global set-up: runs in the main process, before the processes of the tests are started. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const plain = await TestEngine.start();
  const { apiKey, apiUrl, domain } = plain.connection;
  project.provide('plainEngine', { apiKey, url: apiUrl, domain });
  return () => plain.dispose();
}
