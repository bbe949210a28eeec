import { expect, test } from 'vitest';
import { hasContentHash, isWidgetFile, widgetManifestSchema } from './widget.ts';

test.each([
  ['widget-BU75WpCq.js', true],
  ['widget.0f3a9c21e7.js', true],
  ['widget-0f3a9c21.js.map', true],
  ['widget.js', false],
  ['widget.css', false],
])('%s may be kept for ever: %s', (name, kept) => expect(hasContentHash(name)).toBe(kept));

test.each(['manifest.json', '.inputs.json', 'widget-BU75WpCq.js.br', '../widget.js', 'a/b.js'])(
  '%s is not served',
  (name) => expect(isWidgetFile(name)).toBe(false),
);

test('the script is a name with a hash, not an address', () => {
  expect(widgetManifestSchema.safeParse({ script: 'widget-BU75WpCq.js' }).success).toBe(true);
  for (const script of ['widget.js', 'widget-BU75WpCq.css', '/x-BU75WpCq.js', 'https://elsewhere.example/x.js', '']) {
    expect(widgetManifestSchema.safeParse({ script }).success).toBe(false);
  }
});
