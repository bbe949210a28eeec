import { build } from 'esbuild';
import type { Page } from 'playwright-core';

const ORIGIN = 'http://components.example';

/** Stands in for Next's router: `refresh` gives the page its next props. */
const NAVIGATION = `export const useRouter = () => ({ refresh: () => window.refresh?.() });`;

/**
 * Shows components alone in a real browser: what decides about focus and timers. `script` is a module beside `folder` that
 * renders into `#root`; requests of the components go to the page's own origin, to be answered by `page.route`.
 */
export async function showComponents(page: Page, folder: string, script: string): Promise<void> {
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: folder, loader: 'tsx' },
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [
      {
        name: 'navigation',
        setup(given) {
          given.onResolve({ filter: /^next\/navigation$/ }, () => ({ path: 'navigation', namespace: 'stub' }));
          given.onLoad({ filter: /.*/, namespace: 'stub' }, () => ({ contents: NAVIGATION }));
        },
      },
    ],
  });
  const html = '<!doctype html><title>Components</title><div id="root"></div>';
  await page.route(`${ORIGIN}/`, (route) => route.fulfill({ contentType: 'text/html', body: html }));
  await page.goto(`${ORIGIN}/`);
  await page.addScriptTag({ content: outputFiles[0]?.text ?? '' });
}
