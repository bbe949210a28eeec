import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { ChatPage } from './testing/browser.ts';
import type { Site } from './testing/site.ts';
import { visits } from './testing/visits.ts';

const root = resolve(import.meta.dirname, '..');
const { visit, secondTab, newContext, startedSite } = visits();
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

test('the edge moves by keys, and its place is remembered', async () => {
  const chat = await visit();
  await chat.page.getByRole('separator', { name: 'Width of the chat' }).press('End');
  await chat.page.reload();
  expect(await chat.page.getByRole('separator', { name: 'Width of the chat' }).getAttribute('aria-valuenow')).toBe(
    '720',
  );
});

test('a narrow window makes the panel narrower for as long as it is narrow', async () => {
  const chat = await visit();
  const edge = chat.page.getByRole('separator', { name: 'Width of the chat' });
  const width = () => edge.getAttribute('aria-valuenow');
  await edge.press('End');
  await chat.page.setViewportSize({ width: 700, height: 800 });
  await expect.poll(width).toBe('620');
  await chat.page.setViewportSize({ width: 1200, height: 800 });
  await expect.poll(width).toBe('720');
  await edge.press('ArrowRight');
  expect(await width()).toBe('704');
});

test('the menu leads to usage, to the team when it is theirs to see, to the account, and out; a draft stays', async () => {
  const chat = await visit();
  const entry = (name: string) => chat.page.getByRole('menuitem', { name, exact: true });
  await chat.composer.fill('half a thought');
  await chat.button('More').click();
  await entry('Usage').waitFor();
  expect(await entry('Team').count()).toBe(0);
  await entry('Usage').click();
  await chat.page.waitForURL(`${site.url}/usage`);
  site.admin = true;
  await chat.page.goto(`${site.url}/studio/agents`);
  expect(await chat.composer.inputValue()).toBe('half a thought');
  await chat.button('More').click();
  await entry('Team').click();
  await chat.page.waitForURL(`${site.url}/team`);
  await chat.page.goBack();
  await chat.button('More').click();
  await entry('Account').click();
  await chat.page.waitForURL(`${site.url}/account`);
  await chat.page.goBack();
  await chat.button('More').click();
  await entry('Sign out').click();
  await chat.page.waitForURL(`${site.url}/sign-in`);
  expect(site.signOuts).toBe(1);
});

test('sessions: renamed, deleted and brought back, opened', async () => {
  site.api.addSession('Weather');
  const chat = await visit();
  await chat
    .button(/New chat/)
    .first()
    .click();
  await chat.button('Rename Weather').click();
  await chat.page.getByRole('textbox', { name: 'Name of the chat' }).fill('Climate');
  await chat.page.keyboard.press('Enter');
  await chat.button('Delete Climate').click();
  await chat.page.keyboard.press('Escape');
  await chat.button('Undo').click();
  expect([...site.api.sessions.values()].map((stored) => stored.session.title)).toEqual(['Climate']);
});

test('says what the workspace does; a message waits for it', async () => {
  const chat = await visit();
  await chat.composer.waitFor();
  await chat.setState('asleep');
  await chat.button('Wake').click();
  await expect.poll(() => site.wakes).toBe(1);
  await chat.setState('healing');
  await chat.text(/being repaired/).waitFor();
  await chat.say('say it later');
  await chat.text('1 waiting').waitFor();
  expect(site.api.requests).toEqual([]);
  await chat.setState('ready');
  await chat.text('Hello from the double.').waitFor();
});

test('an answer of the workspace ends that it does not answer, be it read or streamed', async () => {
  const chat = await visit();
  await chat.composer.waitFor();
  await chat.setState('unreachable');
  await chat.text('Your workspace does not answer. Trying again.').waitFor();
  await chat.composer.fill('count');
  await chat.text('Your workspace does not answer. Your draft is kept.').waitFor();
  await chat.button('Retry').click();
  await chat.page.locator('.banner').waitFor({ state: 'detached' });
  await chat.composer.press('Enter');
  await chat.text('line-10.').waitFor();
  await chat.setState('unreachable');
  await expect.poll(() => chat.page.locator('.banner').count()).toBe(0);
});

test('signed out, other versions, a spent budget: one thing to do each', async () => {
  const chat = await visit();
  await chat.composer.waitFor();
  site.api.refusal = { status: 401, body: {} };
  await chat.say('say hello');
  await chat.button('Sign in').waitFor();
  await chat.text('1 waiting').waitFor();
  site.api.refusal = { status: 426, body: { error: { code: 'version', versions: [2] } } };
  await chat.page.reload();
  await chat.button('Reload').waitFor();
  site.api.refusal = null;
  await chat.page.reload();
  await chat.say('budget');
  await chat.page.getByRole('region', { name: 'Budget' }).waitFor();
  await chat.button('Export').waitFor();
  expect(await chat.composer.count()).toBe(0);
});

test('warns before the budget ends, when the panel opens', async () => {
  const resetsAt = new Date(2026, 5, 1).toISOString();
  site.usage = { spentMicros: 16_100_000, limitMicros: 20_000_000, resetsAt, state: 'warning' };
  const chat = await visit();
  await chat.text('80% of the budget is used: $16.10 of $20.00. Resets 1 June.').waitFor();
  expect(await chat.button('Usage').count()).toBe(1);
  expect(await chat.composer.count()).toBe(1);
});

test("survives Studio's navigation and a body that is replaced; suggestions follow the page", async () => {
  const chat = await visit();
  await chat.button(/Improve instructions/).waitFor();
  await chat.page.locator('#tools').click();
  await chat.button(/Call an API/).waitFor();
  await chat.page.evaluate(() => {
    document.body.replaceChildren(document.createElement('main'));
  });
  await chat.composer.waitFor();
  await chat.page.evaluate(() => document.documentElement.replaceChild(document.createElement('body'), document.body));
  await chat.composer.waitFor();
  expect(await chat.page.locator('shmastra-chat').count()).toBe(1);
});

test('what is known later moves no suggestion, and the demo model says how to get a real one', async () => {
  site.api.demo = true;
  const told = Promise.withResolvers<void>();
  const context = await newContext();
  await context.route('**/v1/info', async (route) => {
    await told.promise;
    await route.continue();
  });
  const chat = await secondTab(new ChatPage(await context.newPage()), '/studio/agents?shmastra=open');
  const places = () =>
    chat.page.locator('.suggestions button').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().y));
  await chat.page.locator('.suggestions').waitFor();
  const before = await places();
  told.resolve();
  const link = chat.page.getByRole('link', { name: 'Add a provider key' });
  await link.waitFor();
  expect(await places()).toEqual(before);
  expect(await chat.violations()).toEqual([]);
  const [help] = await Promise.all([context.waitForEvent('page'), link.click()]);
  await help.waitForURL(`${site.url}/help/provider-keys`);
  await help.close();
  await chat.button('Demo model').click();
  expect(await chat.page.getByRole('menuitem', { name: 'Add a provider key' }).getAttribute('href')).toBe(
    '/help/provider-keys',
  );
  expect(await chat.violations()).toEqual([]);
});

test('an address may bring a prompt, which is not sent by itself', async () => {
  const chat = await visit('/studio/agents?shmastra=open&prompt=Create%20something');
  expect(await chat.composer.inputValue()).toBe('Create something');
  expect(chat.page.url()).toBe(`${site.url}/studio/agents`);
  expect(site.api.requests).toEqual([]);
});

test.each(['light', 'dark'])('accessible in the %s theme, with all kinds of cards', async (theme) => {
  const chat = await visit();
  await chat.page.evaluate((name) => void (document.documentElement.className = name), theme);
  expect(await chat.violations()).toEqual([]);
  await chat.say('create');
  await chat.ended();
  await chat.say('limit');
  await chat.ended();
  await chat.say('env');
  await chat.button('Save').waitFor();
  expect(await chat.violations()).toEqual([]);
  await chat.stop.click();
  await chat.ended();
  await chat.button('History').click();
  await chat.text('Today').waitFor();
  expect(await chat.violations()).toEqual([]);
});

test.each([320, 390])('at %i px nothing scrolls sideways and fingers find their targets', async (width) => {
  const chat = await visit('/studio/agents?shmastra=open', {
    viewport: { width, height: 800 },
    hasTouch: true,
    isMobile: true,
  });
  await chat.say('create');
  await chat.ended();
  const panel = chat.page.locator('.panel');
  expect(
    await panel.evaluate((element) => [element.getBoundingClientRect().width, element.getBoundingClientRect().height]),
  ).toEqual([width, 800]);
  expect(await chat.page.locator('.viewport').evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(
    true,
  );
  const small = await panel
    .locator('button:visible')
    .evaluateAll((buttons) =>
      buttons
        .filter((button) => button.getBoundingClientRect().height < 44)
        .map((button) => button.textContent || button.getAttribute('aria-label')),
    );
  expect(small).toEqual([]);
});
