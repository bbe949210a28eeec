import { beforeAll, expect, test } from 'vitest';
import { ChatPage } from './testing/browser.ts';
import type { Site } from './testing/site.ts';
import { visits } from './testing/visits.ts';

const { visit, secondTab, newContext, startedSite } = visits();
let site: Site;
beforeAll(() => void (site = startedSite()));

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
