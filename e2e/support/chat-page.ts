import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Scene } from './scene.ts';

const SHOTS = process.env.SCREENSHOTS;
const TURN_MS = 180_000;

/** Studio with the chat beside it, as one teammate sees it. */
export type ChatPage = {
  page: Page;
  /** The open chat. */
  panel: Locator;
  /** Sends a message and waits for the end of its turn. */
  ask(text: string): Promise<void>;
  send(text: string): Promise<void>;
  turnEnds(): Promise<void>;
  shot(name: string): Promise<void>;
  close(): Promise<void>;
};

export async function openChatPage(
  browser: Browser,
  { url, person }: Pick<Scene, 'url' | 'person'>,
  options: BrowserContextOptions = {},
): Promise<ChatPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  await context.addCookies(cookiesOf(person.cookie, url));
  const tab = await openTab(context, url);
  return { ...tab, close: () => context.close() };
}

/** One more tab of the same browser, with what it remembers. */
export async function openTab(context: BrowserContext, url: string): Promise<ChatPage> {
  const page = await context.newPage();
  await page.goto(`${url}/studio/agents`);
  await page
    .getByRole('link', { name: /assistant/i })
    .first()
    .waitFor({ state: 'attached', timeout: 60_000 });
  const panel = await openPanel(page);
  const send = async (text: string): Promise<void> => {
    await panel.getByRole('textbox', { name: 'Message' }).fill(text);
    await panel.getByRole('button', { name: 'Send' }).click();
    await panel.getByRole('button', { name: 'Stop' }).waitFor();
  };
  const turnEnds = (): Promise<void> =>
    panel.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached', timeout: TURN_MS });
  return {
    page,
    panel,
    send,
    turnEnds,
    async ask(text) {
      await send(text);
      await turnEnds();
    },
    shot: (name) => screenshot(page, name),
    close: () => page.close(),
  };
}

/** The chat is open or collapsed, as it was left. */
export async function openPanel(page: Page): Promise<Locator> {
  const panel = page.getByRole('dialog', { name: 'Chat' });
  const launcher = page.getByRole('button', { name: /^Open chat/ });
  const message = panel.getByRole('textbox', { name: 'Message' });
  await message.or(launcher).first().waitFor({ timeout: 60_000 });
  if (await launcher.isVisible()) await launcher.click();
  await message.waitFor();
  return panel;
}

/** A picture for the documentation, where SCREENSHOTS names a folder for them. */
export async function screenshot(page: Page, name: string): Promise<void> {
  if (!SHOTS) return;
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

function cookiesOf(header: string, url: string) {
  return header.split('; ').map((pair) => {
    const at = pair.indexOf('=');
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url };
  });
}
