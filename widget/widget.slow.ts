import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { ChatPage } from './testing/browser.ts';
import type { Site } from './testing/site.ts';
import { visits } from './testing/visits.ts';

const root = resolve(import.meta.dirname, '..');
const { visit, secondTab, startedSite } = visits();
let site: Site;
beforeAll(() => void (site = startedSite()));

test('one script, of a size that a page can bear', () => {
  const { script }: { script: string } = JSON.parse(readFileSync(join(root, '.widget/manifest.json'), 'utf8'));
  expect(gzipSync(readFileSync(join(root, '.widget', script))).length).toBeLessThan(390_000);
});

test('a prompt becomes a live agent: calls, check, diff, commit; opened, undone, redone', async () => {
  const chat = await visit();
  await chat.say('Create an agent that says hello');
  await chat.ended();
  await chat.button('Read 3 files').waitFor();
  await chat.button('hello.ts:12').waitFor();
  await chat.text('The last good version is still live.').waitFor();
  await chat.text('Live in 92 ms').waitFor();
  expect(await chat.page.evaluate(() => Reflect.get(window, 'refreshes'))).toBe(1);
  await chat.button('Open').click();
  await expect.poll(() => chat.page.locator('#path').textContent()).toBe('/studio/agents/hello/threads/new');
  await chat.text('Live in 92 ms').waitFor();
  await chat.button('Undo').click();
  await chat.flash('Undone: back to the sample project.').waitFor();
  await chat.button('Redo').click();
  await chat.flash("Redone: 'Add the hello agent' is live again.").waitFor();
  await chat.button('Diff').click();
  await chat.text('Restore adds a version. Keys and data stay.').waitFor();
  await chat.button(/^Sample project/).waitFor();
});

test('an interrupted turn ends with what happened, and nothing in it runs on or opens by itself', async () => {
  const chat = await visit();
  await chat.say('interrupted');
  await chat.ended();
  const answer = chat.page.locator('.answer');
  expect(await answer.locator(':scope > *').evaluateAll((all) => all.map((one) => one.className))).toEqual([
    'tool',
    'card check-card',
    'card commit-card',
    'notice',
    'message-actions',
  ]);
  await answer.getByText('Not finished', { exact: true }).waitFor();
  expect(await answer.locator('.tool-row').getAttribute('aria-expanded')).toBe('false');
  expect(await answer.locator('.turning').count()).toBe(0);
  const colour = (selector: string) => answer.locator(selector).evaluate((element) => getComputedStyle(element).color);
  await answer.getByText('Committed, not checked').waitFor();
  expect(await colour('.commit-card .card-head > .icon')).not.toBe(await colour('.check-card [data-state="ok"] .icon'));
});

test('what a restart left without an answer was not skipped', async () => {
  const chat = await visit();
  await chat.say('restarted');
  await chat.ended();
  const answer = chat.page.locator('.answer');
  expect(await answer.locator('.answered').allTextContents()).toEqual([
    'Not answered: the agent was interrupted',
    'Not given: the agent was interrupted',
  ]);
  expect(await answer.locator('.tool').count()).toBe(0);
});

test('every version that is undone says so, and the newest undo can be redone', async () => {
  const chat = await visit();
  for (const name of ['hello', 'bye']) {
    await chat.say(`Create an agent that says ${name}`);
    await chat.ended();
  }
  const undone = chat.page.locator('article[data-state="undone"]');
  for (const count of [1, 2]) {
    await chat.button('Undo').click();
    await expect.poll(() => undone.count()).toBe(count);
  }
  expect(await chat.button('Redo').count()).toBe(1);
});

test('what a model says runs nothing and tells no other site', async () => {
  const chat = await visit();
  await chat.say('create');
  await chat.ended();
  expect(
    await chat.page
      .locator('shmastra-chat')
      .getByRole('link')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href'))),
  ).toEqual(['https://mastra.ai/docs']);
  await chat.text('<b onclick="alert(1)">HTML</b>').waitFor();
  expect(chat.addresses.filter((address) => !address.startsWith(site.url))).toEqual([]);
});

test('shows the plan; messages typed while a turn runs wait, can be changed, and go when the person says so after a stop', async () => {
  const chat = await visit();
  await chat.say('slow');
  await chat.text('1 of 5').waitFor();
  await chat.say('say one');
  await chat.say('say two');
  await chat.text('2 waiting').waitFor();
  await chat.button('Remove waiting message').last().click();
  await chat.button('Edit waiting message').click();
  await chat.page.getByRole('textbox', { name: 'Edit waiting message' }).fill('say three');
  await chat.page.keyboard.press('Enter');
  await chat.stop.click();
  await chat.text('Stopped. What was done is kept.').waitFor();
  await chat.button('Send now').click();
  await chat.text('Hello from the double.').waitFor();
  expect(site.api.requests.map((request) => request.text)).toEqual(['slow', 'say three']);
});

test('a double click on Send begins a turn and does not stop it; one click on Stop does', async () => {
  const chat = await visit();
  await chat.composer.fill('slow');
  await chat.button('Send').dblclick();
  await chat.text('This takes a while.').waitFor();
  expect(site.api.posts.filter((post) => post.path.endsWith('/stop'))).toEqual([]);
  await chat.stop.click();
  await chat.text('Stopped. What was done is kept.').waitFor();
});

test('a connection lost in mid-stream is taken up again without a word said twice', async () => {
  const chat = await visit();
  await chat.say('count');
  await chat.text('line-10.').waitFor();
  site.api.drop();
  await chat.ended();
  const text = await chat.page.locator('.markdown').innerText();
  expect(text.match(/line-\d+\./g)).toEqual(Array.from({ length: 100 }, (_, index) => `line-${index + 1}.`));
});

test('a reload and a second tab join the turn that runs', async () => {
  const chat = await visit();
  await chat.say('slow');
  await chat.text('This takes a while.').waitFor();
  await chat.page.reload();
  await chat.text('This takes a while.').waitFor();
  const other = await secondTab(new ChatPage(await chat.page.context().newPage()), '/studio/agents?shmastra=open');
  await other.text('This takes a while.').waitFor();
  await other.stop.click();
  for (const page of [chat, other]) await page.text('Stopped. What was done is kept.').waitFor();
  // A turn that the one begins is seen by the other, which hears of it.
  await chat.page.bringToFront();
  await expect.poll(() => site.api.listeners).toBeGreaterThan(0);
  await other.say('say again');
  await chat.text('Hello from the double.').waitFor();
});

test('a message waits while the agent works in another chat', async () => {
  const chat = await visit();
  await chat.say('slow');
  await chat.text('This takes a while.').waitFor();
  await chat.button(/^slow/).click();
  await chat.page.locator('.popup').getByText('New chat').click();
  await chat.say('say it then');
  await chat.text("The agent works in 'slow'. Your message goes out when it is done.").waitFor();
  await chat.text('1 waiting').waitFor();
  site.api.running?.stop();
  await chat.text('Hello from the double.').waitFor();
  expect(site.api.requests.map((request) => request.text)).toEqual(['slow', 'say it then']);
});

test('asks in a form and takes keys that the model never sees', async () => {
  const chat = await visit();
  await chat.say('question');
  await chat.button('Lisbon').click();
  await chat.text('I take Lisbon.').waitFor();
  await chat.ended();
  await chat.say('env');
  const key = chat.page.getByLabel('WEATHER_API_KEY', { exact: true });
  await key.fill('secret-value');
  expect(await key.getAttribute('type')).toBe('password');
  await chat.button('Show WEATHER_API_KEY').click();
  expect(await key.getAttribute('type')).toBe('text');
  await chat.button('Save').click();
  await chat.text('1 value saved; the model never sees it').waitFor();
  expect(site.api.posts.find((post) => post.path.includes('/env/'))?.body).toEqual({
    values: { WEATHER_API_KEY: 'secret-value' },
  });
  expect(await chat.page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain('secret-value');
});
