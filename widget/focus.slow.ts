import { expect, test } from 'vitest';
import type { ChatPage } from './testing/browser.ts';
import { phone, visits } from './testing/visits.ts';

const { visit } = visits();

/** Name of what has the focus within the chat. */
const focused = (chat: ChatPage) => () =>
  chat.page.evaluate(() => {
    const element = document.activeElement?.shadowRoot?.activeElement;
    return element?.getAttribute('aria-label') ?? element?.textContent ?? null;
  });

test('a view has the focus at its way back, and gives it back to what opened it', async () => {
  const chat = await visit();
  await chat.say('create');
  await chat.ended();
  for (const name of ['History', 'Diff']) {
    await chat.button(name).press('Enter');
    await expect.poll(focused(chat)).toBe('Back to the chat');
    await chat.page.keyboard.press('Escape');
    await expect.poll(focused(chat)).toBe(name);
  }
  await chat.button('More').press('Enter');
  await chat.page.getByRole('menuitem', { name: 'Apps' }).press('Enter');
  await chat.page.getByRole('menu').waitFor({ state: 'detached' });
  await expect.poll(focused(chat)).toBe('Back to the chat');
  await chat.page.keyboard.press('Enter');
  await expect.poll(focused(chat)).toBe('More');
  await chat.page.keyboard.press('Enter');
  await chat.page.getByRole('menu').waitFor();
  await chat.page.keyboard.press('Escape');
  await expect.poll(focused(chat)).toBe('More');
});

test('a button that has done its work leaves the focus to the composer', async () => {
  const chat = await visit();
  await chat.say('fail');
  await chat.ended();
  await chat.button('Retry').first().press('Enter');
  await expect.poll(focused(chat)).toBe('Message');
  await chat.ended();
  await chat.page.keyboard.press('Escape');
  await chat.button('Open chat').waitFor();
  expect(await focused(chat)()).toBe('Open chat');
});

test('nothing takes the focus from who went on elsewhere on the page', async () => {
  const chat = await visit();
  await chat.say('fail');
  await chat.ended();
  const retry = chat.button('Retry').first();
  await retry.focus();
  await chat.page.mouse.click(200, 500);
  await retry.evaluate((button) => button.remove());
  await chat.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  expect(await focused(chat)()).toBeNull();
});

test('on a phone nothing that takes the focus brings up the keyboard', async () => {
  const chat = await visit('/studio/agents?shmastra=open', phone(844));
  await chat.say('say hello');
  await chat.ended();
  await chat.button('Retry').first().tap();
  await expect.poll(focused(chat)).toBe('Conversation');
  await chat.button('More').tap();
  await chat.page.getByRole('menuitem', { name: 'History' }).tap();
  await expect.poll(focused(chat)).toBe('Back to the chat');
  await chat.button('Back to the chat').tap();
  await expect.poll(focused(chat)).toBe('More');
});
