import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { addScript, fillPlaceholders, inlineScripts, removeOwnReload, studioPlaceholders } from './html.ts';

const mastra = dirname(createRequire(import.meta.url).resolve('mastra/package.json'));
const original = readFileSync(join(mastra, 'dist/studio/index.html'), 'utf8');
const values = studioPlaceholders({ basePath: '/studio', apiPrefix: '/api/mastra/api' });

test("fills every placeholder of the installed Studio's page", () => {
  const html = fillPlaceholders(original, values);
  expect(html).not.toContain('%%');
  expect(html).toContain('<base href="/studio/" />');
  expect(html).toContain("window.MASTRA_API_PREFIX = '/api/mastra/api'");
  expect(html).toContain("window.MASTRA_AUTO_DETECT_URL = 'true'");
  expect(html).toContain("window.MASTRA_AGENT_SIGNALS = 'false'");
});

test('stops at a placeholder that nobody decided about, and at values that would break out', () => {
  expect(() => fillPlaceholders('%%MASTRA_NEW_THING%%', values)).toThrow('NEW_THING');
  expect(() => fillPlaceholders('%%MASTRA_API_PREFIX%%', { API_PREFIX: "'</script>" })).toThrow('API_PREFIX');
});

test("removes the page's own reload stream from the installed Studio", () => {
  const html = removeOwnReload(original);
  expect(html).not.toMatch(/^\s*connectSSE\(\);$/m);
  expect(html).toContain('function connectSSE()');
  expect(() => removeOwnReload('<html></html>')).toThrow('reload stream');
});

test('adds the companion at the end of the body and finds the inline scripts', () => {
  const html = addScript(original, '/studio/companion.js');
  expect(html).toMatch(/<script type="module" src="\/studio\/companion\.js"><\/script>\s*<\/body>/);
  expect(inlineScripts(html)).toHaveLength(1);
});
