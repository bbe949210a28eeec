import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';

import { Header } from './header.tsx';

const show = (role: 'member' | 'admin', at?: string) =>
  renderToStaticMarkup(createElement(Header, { viewer: { email: 'ada@example.com', role }, at }));
const links = (html: string) =>
  [...html.matchAll(/<a href="([^"]+)"([^>]*)>/g)].map(([, href, rest]) => [
    href,
    /aria-current="page"/.test(rest ?? ''),
  ]);

it('leads everybody to their workspace, usage and account, and an admin to the team, and says where one is', () => {
  expect(links(show('member', '/account'))).toEqual([
    ['/workspace', false],
    ['/workspace', false],
    ['/usage', false],
    ['/account', true],
  ]);
  expect(links(show('admin', '/team')).filter(([, current]) => current)).toEqual([['/team', true]]);
  expect(show('member')).toMatch(/<nav.*<a href="\/workspace"[^>]*>Workspace<.*<\/nav>/);
});

it('has nothing but the product for who is not signed in', () => {
  const html = renderToStaticMarkup(createElement(Header));
  expect(links(html)).toEqual([['/', false]]);
  expect(html).not.toContain('<nav');
});
