import { expect, it } from 'vitest';
import { isInternal } from './internal-routes.ts';

it.each(['/init', '/init/', '//init', '/x/../init', '/%69nit', '/./freeze', '/upgrade'])(
  'keeps %s to the engine',
  (path) => {
    expect(isInternal(path)).toBe(true);
  },
);

it.each(['/', '/health', '/files', '/initial', '/process.Process/Start', '/%', '/x/init'])('lets %s pass', (path) => {
  expect(isInternal(path)).toBe(false);
});
