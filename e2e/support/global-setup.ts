import type { TestProject } from 'vitest/node';
import type { Cookie } from 'playwright-core';
import { IMAGE_CACHE } from '../../engine/testing/engine.ts';
import { makeFirstAdmin, signInAsAdmin } from './first-admin.ts';
import { removeDataDir, startProduct, temporaryDataDir } from './product.ts';

/** Looks like a provider's key, and is one to the product: must never be seen inside a sandbox. */
export const CANARY_KEY = 'sk-canary-5f1e0c9d7b3a48d2';

declare module 'vitest' {
  export interface ProvidedContext {
    product: {
      url: string;
      dataDir: string;
      canary: string;
      admin: { email: string; cookie: string; browserCookies: Cookie[] };
    };
  }
}

/**
 * One `npm start` for all end-to-end tests, with a data folder of its own. E2E_DATA_DIR names a folder to keep and use
 * again, which saves the making of the images while one works on the tests.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const kept = process.env.E2E_DATA_DIR;
  const dataDir = kept ?? (await temporaryDataDir());
  const product = await startProduct({
    dataDir,
    env: {
      // The base image that the tests of the engine have made, when they ran before.
      ENGINE_IMAGE_CACHE: IMAGE_CACHE,
      COMPOSIO_API_KEY: CANARY_KEY,
      // With a key of a model's provider the coding agent is offered that provider's models and not the demo model.
      ANTHROPIC_API_KEY: project.name === 'chat' ? '' : CANARY_KEY,
      OPENAI_API_KEY: '',
      GOOGLE_GENERATIVE_AI_API_KEY: '',
    },
  });
  console.log(`npm start was usable after ${(product.startedInMs / 1000).toFixed(1)} s`);
  if (!product.setupUrl && !kept) throw new Error(`no set-up URL was printed:\n${product.output()}`);
  project.provide('product', {
    url: product.url,
    dataDir,
    canary: CANARY_KEY,
    admin: product.setupUrl ? await makeFirstAdmin(product.setupUrl) : await signInAsAdmin(product.url),
  });
  return async () => {
    await product.stop();
    if (!kept) await removeDataDir(dataDir);
  };
}
