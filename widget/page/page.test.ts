import { expect, test } from 'vitest';
import { readInvitation } from './invitation.ts';
import { safeImage, safeLink, studioAddress } from './navigate.ts';
import { suggestionsFor } from './suggestions.ts';
import { themeOf } from './theme.ts';

test('suggests four things that belong to the page', () => {
  for (const page of ['agents', 'workflows', 'tools', 'mcps', 'observability', 'scorers', 'settings']) {
    expect(suggestionsFor(`/studio/${page}`), page).toHaveLength(4);
  }
  expect(suggestionsFor('/studio/tools/weather')[0]?.title).toBe('Add a tool');
  expect(suggestionsFor('/studio/traces')).toEqual(suggestionsFor('/studio/observability'));
  expect(suggestionsFor('/studio')[0]?.title).toBe('Create an agent');
});

test('opens pages of Studio only', () => {
  const origin = 'https://box.example';
  expect(studioAddress('/studio/agents/hello/threads/new?x=1', origin)).toBe('/studio/agents/hello/threads/new?x=1');
  for (const path of [
    'javascript:alert(1)',
    '//evil.example/studio/',
    'https://evil.example/studio',
    '/sign-out',
    '/studio/../api/x',
  ]) {
    expect(studioAddress(path, origin), path).toBeNull();
  }
});

test('lets links lead to http(s) only, and loads no picture of another site', () => {
  const base = 'https://box.example/studio/agents';
  expect(safeLink('https://mastra.ai/docs', base)).toBe('https://mastra.ai/docs');
  expect(safeLink('/help/publish', base)).toBe('https://box.example/help/publish');
  for (const href of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', undefined, '']) {
    expect(safeLink(href, base), href).toBeNull();
  }
  expect(safeImage('/api/picture.png', base)).toBe('https://box.example/api/picture.png');
  expect(safeImage('data:image/png;base64,AA', base)).toBe('data:image/png;base64,AA');
  for (const src of [
    'https://evil.example/p.png?secret',
    '//evil.example/p.png',
    'data:image/svg+xml,<svg/>',
    undefined,
  ]) {
    expect(safeImage(src, base), src).toBeNull();
  }
});

test('reads what an address asks for, and takes it out of the address', () => {
  const { invitation, rest } = readInvitation('https://b.example/studio/agents?a=1&shmastra=open&prompt=Create%20it');
  expect(invitation).toEqual({ open: true, prompt: 'Create it' });
  expect(rest).toBe('https://b.example/studio/agents?a=1');
  expect(readInvitation('https://b.example/studio?a=1')).toEqual({
    invitation: { open: false, prompt: null },
    rest: 'https://b.example/studio?a=1',
  });
});

test('follows the theme of Studio before that of the system', () => {
  const classes = (...names: string[]) => ({ contains: (name: string) => names.includes(name) });
  expect(themeOf(classes('light'), true)).toBe('light');
  expect(themeOf(classes('dark'), false)).toBe('dark');
  expect(themeOf(classes(), true)).toBe('dark');
  expect(themeOf(classes(), false)).toBe('light');
});
