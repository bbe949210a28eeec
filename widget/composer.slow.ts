import { beforeAll, expect, test } from 'vitest';
import type { Site } from './testing/site.ts';
import { visits } from './testing/visits.ts';

const { visit, startedSite } = visits();
let site: Site;
beforeAll(() => void (site = startedSite()));

test('files are attached, refused with the reason, and go along', async () => {
  const chat = await visit();
  const file = (name: string, size: number) => ({ name, mimeType: 'text/plain', buffer: Buffer.alloc(size, 'a') });
  await chat.page
    .locator('input[multiple]')
    .setInputFiles([file('notes.txt', 20), file('data.bin', 20), file('huge.txt', 1_100_000)]);
  await chat.text('This kind of file cannot be read.').waitFor();
  await chat.text('1.1 MB is too large. The limit is 1.0 MB.').waitFor();
  await chat.text('20 B').waitFor();
  await chat.say('say thanks');
  await chat.ended();
  expect(site.api.requests[0]?.attachments).toHaveLength(1);
});

test('Enter sends but not while composing, Up edits the last message, drafts survive a reload', async () => {
  const chat = await visit();
  await chat.composer.fill('half a thought');
  await chat.composer.dispatchEvent('keydown', { key: 'Enter', isComposing: true, keyCode: 229 });
  await chat.page.reload();
  expect(await chat.composer.inputValue()).toBe('half a thought');
  expect(site.api.requests).toEqual([]);
  await chat.say('say hello');
  await chat.ended();
  await chat.text('Hello from the double.').waitFor();
  await chat.composer.press('ArrowUp');
  await chat.page.getByRole('textbox', { name: 'Edit message' }).fill('say goodbye');
  await chat.page.keyboard.press('Enter');
  await expect.poll(() => site.api.requests.map((request) => request.text)).toEqual(['say hello', 'say goodbye']);
  expect(site.api.requests[1]?.replaces).toBeTruthy();
  await chat.ended();
  expect(await chat.page.locator('.bubble').allTextContents()).toEqual(['say goodbye']);
});

test('keys: toggle, Escape from the inside out, and none that Studio takes for its own', async () => {
  const chat = await visit('/studio/agents');
  await chat.button('Open chat').waitFor();
  await chat.page.keyboard.press('Control+.');
  await chat.composer.waitFor();
  const host = chat.page.locator('shmastra-chat');
  expect(await host.getAttribute('role')).toBe('dialog');
  await chat.composer.pressSequentially('ab');
  await chat.composer.press('Control+k');
  expect(await chat.page.locator('#keys').textContent()).toBe('');
  // Its search stays Studio's.
  expect(await chat.page.evaluate(() => Reflect.get(window, 'searches'))).toBe(1);
  await chat.button('More').click();
  await chat.page.getByRole('menuitem', { name: 'Apps' }).waitFor();
  await chat.page.keyboard.press('Escape');
  await chat.page.getByRole('menuitem', { name: 'Apps' }).waitFor({ state: 'detached' });
  await chat.composer.press('Escape');
  await chat.button('Open chat').waitFor();
  expect(await host.getAttribute('role')).toBeNull();
  expect(await chat.page.evaluate(() => document.activeElement?.tagName)).toBe('SHMASTRA-CHAT');
});

test('an address may bring a prompt, which is not sent by itself', async () => {
  const chat = await visit('/studio/agents?shmastra=open&prompt=Create%20something');
  expect(await chat.composer.inputValue()).toBe('Create something');
  expect(chat.page.url()).toBe(`${site.url}/studio/agents`);
  expect(site.api.requests).toEqual([]);
});
