import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Template } from 'e2b';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTemplate } from './definition.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const definition = z.object({
  fromImage: z.string(),
  startCmd: z.string(),
  readyCmd: z.string(),
  steps: z.array(z.object({ type: z.string(), args: z.array(z.string()) })),
});

async function define(hash: string) {
  const { template, titles } = await defineTemplate({ root, version: '1.2.3', hash });
  return { titles, ...definition.parse(JSON.parse(await Template.toJSON(template, false))) };
}

describe('defineTemplate', () => {
  it('names each instruction that the engine counts', async () => {
    const { titles, steps } = await define('abc');
    expect(titles).toHaveLength(steps.length);
    const pnpm = steps.findIndex(({ args }) => args[0]?.includes('pnpm install'));
    expect(titles[pnpm]).toBe('install the project’s packages');
  });

  it('keeps what changes with every build at the end, so that the cache holds for the rest', async () => {
    const [first, second] = [await define('abc'), await define('def')];
    expect(second.steps.slice(0, -1)).toEqual(first.steps.slice(0, -1));
    expect(second.steps.at(-1)).not.toEqual(first.steps.at(-1));
  });

  it('starts as root what then runs as the user, and names no registry', async () => {
    const { startCmd, fromImage, steps } = await define('abc');
    expect(startCmd).toBe('sudo /opt/shmastra/current/start.sh');
    expect(fromImage).toBe('node:22');
    expect(JSON.stringify(steps)).not.toMatch(/registry|https?:/);
  });
});
