import { describe, expect, it } from 'vitest';
import { errorPage, wantsPage } from './error-page.ts';

const BROWSER = { 'user-agent': 'Mozilla/5.0 (X11) Chrome/120.0' };

describe('wantsPage', () => {
  it.each([
    [{}, false],
    [{ 'user-agent': 'curl/8' }, false],
    [BROWSER, true],
    [{ ...BROWSER, accept: 'text/html,application/json' }, true],
    [{ ...BROWSER, accept: 'application/json' }, false],
    [{ ...BROWSER, 'sec-fetch-mode': 'cors' }, false],
    [{ ...BROWSER, 'x-requested-with': 'XMLHttpRequest' }, false],
    [{ ...BROWSER, 'x-requested-with': 'XMLHttpRequest', 'sec-fetch-mode': 'navigate' }, true],
  ])('%j: %s', (headers, expected) => {
    expect(wantsPage({ headers })).toBe(expected);
  });
});

it('shows what came from outside as text', () => {
  const page = errorPage({ title: 'T', text: 'a & b', host: '<script>"x"</script>' });
  expect(page).not.toContain('<script');
  expect(page).toContain('a &#38; b');
});
