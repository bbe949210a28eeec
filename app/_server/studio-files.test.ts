import { expect, it } from 'vitest';

import { entryFiles, widgetScript } from './studio-files.ts';

it('finds what the page of Studio loads, below /studio/ only', () => {
  const html = `<!doctype html><head><base href="/studio/">
    <link rel="icon" href="/studio/mastra.svg">
    <script>window.x = '<b>';</script>
    <script type="module" crossorigin src="./assets/main-abc.js"></script>
    <link rel="modulepreload" crossorigin href="/studio/assets/vendor-1.js">
    <link rel="stylesheet" crossorigin href="./assets/style-x.css">
    <script src="https://elsewhere.example/x.js"></script>
    <script src="//elsewhere.example/y.js"></script>
    <script src="/studio/../api/mastra/evil.js"></script>
    <script type="module" src="./assets/main-abc.js"></script>`;
  expect(entryFiles(html)).toEqual([
    '/studio/assets/main-abc.js',
    '/studio/assets/vendor-1.js',
    '/studio/assets/style-x.css',
  ]);
});

it('finds nothing in nothing', () => expect(entryFiles('')).toEqual([]));

it("finds the widget's script", () =>
  expect(widgetScript('{"script":"widget-BU75WpCq.js"}')).toEqual(['/widget/widget-BU75WpCq.js']));
