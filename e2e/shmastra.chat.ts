import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { launchBrowser } from './support/browser.ts';
import { type ChatPage, openChatPage, openPanel, openTab, screenshot } from './support/chat-page.ts';
import { openScene, type Scene } from './support/scene.ts';

const idsSchema = z.record(z.string(), z.unknown());
const answerSchema = z.object({ text: z.string() });
const ANSWER_MS = 60_000;

/** From a prompt in the chat to what runs in Studio, with the scenes of the demo model. */
describe('the chat beside Studio', () => {
  let browser: Browser;
  let scene: Scene;
  let chat: ChatPage;
  beforeAll(async () => {
    [browser, scene] = await Promise.all([launchBrowser(), openScene('maker')]);
    chat = await openChatPage(browser, scene);
  });
  afterAll(async () => {
    await chat?.close();
    await browser?.close();
  });

  const ids = async (kind: 'agents' | 'tools'): Promise<string[]> =>
    Object.keys(idsSchema.parse(await (await scene.person.call(`/api/mastra/api/${kind}`)).json()));
  const askAgent = async (id: string): Promise<string> => {
    const response = await scene.person.call(`/api/mastra/api/agents/${id}/generate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }] }),
    });
    return answerSchema.parse(await response.json()).text;
  };

  it('makes an agent: plan, diff, check, commit, live, and Open leads to its answer in Studio', async () => {
    const { page, panel } = chat;
    await chat.shot('shmastra-start');
    await chat.send('create an agent that says hello');
    const plan = panel.getByLabel('Plan', { exact: true });
    await plan.getByText('Write the agent Hello').waitFor({ timeout: ANSWER_MS });
    await panel.getByLabel('Check', { exact: true }).waitFor({ timeout: ANSWER_MS });
    await chat.shot('shmastra-plan');
    await chat.turnEnds();

    const diff = panel.getByLabel('Changes', { exact: true });
    await diff.getByText('src/mastra/agents/hello.ts').first().waitFor();
    expect(await diff.getByText('+export const hello = new Agent({').count()).toBe(1);
    const check = panel.getByLabel('Check', { exact: true });
    for (const stage of ['Bundle', 'Types', 'Import']) {
      expect(await check.getByRole('listitem').filter({ hasText: stage }).textContent()).toContain('passed');
    }
    const version = panel.getByLabel('Version', { exact: true });
    expect(await version.textContent()).toMatch(/Add agent Hello.*Live in \d/s);
    await chat.shot('shmastra-version');

    await version.getByRole('button', { name: 'Open' }).click();
    await page.waitForURL(/\/studio\/agents\/hello\/threads/);
    // The chat has stayed as it was while Studio went to another page.
    await version.waitFor();
    const composer = page.getByPlaceholder('Enter your message');
    await composer.fill('Hello');
    await composer.press('Enter');
    await page.getByText('Demo model: Hello! I am Hello, an agent that says hello.').waitFor({ timeout: ANSWER_MS });
    await chat.shot('shmastra-agent');
  });

  it('makes the change that a second message asks for', async () => {
    await chat.ask('Make it say goodbye too');
    const { panel } = chat;
    await panel.getByText('+Also say goodbye.').waitFor();
    expect(await panel.getByLabel('Version', { exact: true }).count()).toBe(2);
    expect(await askAgent('hello')).toContain('Hello! Goodbye!');
  });

  it('shows a type error that the check catches, and that the agent mends', async () => {
    const { panel } = chat;
    const checks = await panel.getByLabel('Check', { exact: true }).count();
    await chat.ask('Add a tool that rolls dice, with a mistake');
    const [caught, passed] = [checks, checks + 1].map((at) => panel.getByLabel('Check', { exact: true }).nth(at));
    expect(await caught?.textContent()).toMatch(
      /roll-dice\.ts:\d+.*not assignable.*The last good version is still live/s,
    );
    await caught?.scrollIntoViewIfNeeded();
    await chat.shot('shmastra-mistake');
    expect(await passed?.getByRole('listitem').filter({ hasText: 'Types' }).textContent()).toContain('passed');
    const response = await scene.person.call('/api/mastra/api/tools/roll-dice/execute', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ data: { sides: 6 } }),
    });
    expect(await response.json()).toMatchObject({ value: expect.any(Number), sides: 6 });
  });

  it('undoes the last version and brings it back', async () => {
    const { panel } = chat;
    const version = panel.getByLabel('Version', { exact: true }).last();
    const hasDice = async () => (await ids('tools')).some((id) => /roll-?dice/i.test(id));
    await version.getByRole('button', { name: 'Undo' }).click();
    await version.getByText('Undone').waitFor({ timeout: ANSWER_MS });
    await expect.poll(hasDice, { timeout: ANSWER_MS }).toBe(false);
    await version.getByRole('button', { name: 'Redo' }).click();
    await version.getByText(/^Live in/).waitFor({ timeout: ANSWER_MS });
    await expect.poll(hasDice, { timeout: ANSWER_MS }).toBe(true);
    await panel.getByRole('button', { name: 'History' }).click();
    await panel.getByLabel('Versions', { exact: true }).getByText('Add tool roll-dice').first().waitFor();
    await chat.shot('shmastra-history');
    await panel.getByRole('button', { name: 'Back to the chat' }).click();
  });

  it('builds an app that opens on an origin of its own and talks to an agent', async () => {
    const { page, panel } = chat;
    await chat.ask('Build an app called "Front desk" that talks to the assistant');
    await panel.getByRole('button', { name: 'More' }).click();
    await panel.getByRole('menuitem', { name: 'Apps' }).click();
    const entry = panel.getByLabel('Apps', { exact: true }).getByText('Front desk');
    await entry.waitFor();
    const [app] = await Promise.all([page.context().waitForEvent('page'), entry.click()]);
    await app.getByRole('heading', { name: 'Front desk' }).waitFor({ timeout: ANSWER_MS });
    expect(new URL(app.url()).origin).not.toBe(new URL(scene.url).origin);
    await app.getByLabel('Your message').fill('Hello! What can you do?');
    await app.getByRole('button', { name: 'Send' }).click();
    await app.getByRole('status').getByText('Demo model').waitFor({ timeout: ANSWER_MS });
    await app.setViewportSize({ width: 900, height: 560 });
    await screenshot(app, 'shmastra-app');
    await app.close();
    await panel.getByRole('button', { name: 'Back to the chat' }).click();
  });

  it('asks, and goes on with the answer', async () => {
    const { panel } = chat;
    await chat.send('Ask me which language to use, then create an agent that greets people');
    const question = panel.getByLabel('Question', { exact: true });
    await question.getByRole('button', { name: 'German' }).waitFor({ timeout: ANSWER_MS });
    await chat.shot('shmastra-question');
    await question.getByRole('button', { name: 'German' }).click();
    await chat.turnEnds();
    expect(await ids('agents')).toContain('greets');
    expect(await askAgent('greets')).toContain('Language to use: German.');
  });

  it('takes a key past the model', async () => {
    const { panel } = chat;
    await chat.send('Connect Acme, it needs a key');
    const form = panel.getByLabel('Keys', { exact: true });
    await form.getByLabel('ACME_API_KEY', { exact: true }).fill('acme-7b1c2d3e4f');
    await chat.shot('shmastra-key');
    await form.getByRole('button', { name: 'Save' }).click();
    await chat.turnEnds();
    const sandbox = await scene.inside.connect(scene.sandboxId);
    expect(await sandbox.files.read('/home/user/shmastra/.env')).toContain('acme-7b1c2d3e4f');
    const logged = await sandbox.commands.run('git log --all -p', { cwd: '/home/user/shmastra', user: 'user' });
    expect(logged.stdout).not.toContain('acme-7b1c2d3e4f');
    expect(await chat.page.content()).not.toContain('acme-7b1c2d3e4f');
  });

  it('exports the project without its secrets', async () => {
    const { page, panel } = chat;
    await panel.getByRole('button', { name: 'More' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      panel.getByRole('menuitem', { name: 'Export as zip' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.zip$/);
    const stream = await download.createReadStream();
    const bytes = Buffer.concat(await stream.toArray());
    const text = bytes.toString('latin1');
    expect(text).toContain('src/mastra/agents/hello.ts');
    expect(text).toContain('.env.example');
    expect(text).not.toMatch(/(^|\/)\.env(?!\.example)/);
    expect(text).not.toContain('acme-7b1c2d3e4f');
  });

  it('goes on when the page is closed, and a second tab joins the turn', async () => {
    await chat.send('Count to 3000');
    const second = await openTab(chat.page.context(), scene.url);
    await second.panel.getByRole('button', { name: 'Stop' }).waitFor({ timeout: ANSWER_MS });
    await chat.page.reload();
    await openPanel(chat.page);
    await chat.panel.getByRole('button', { name: 'Stop' }).waitFor({ timeout: ANSWER_MS });
    await second.panel.getByRole('button', { name: 'Stop' }).click();
    await Promise.all([second.turnEnds(), chat.turnEnds()]);
    expect(await chat.panel.getByText(/You stopped the answer/).count()).toBe(1);
    await second.close();
  });

  it.each([
    ['shmastra-phone', 'dawn', 'light', { width: 390, height: 844 }],
    ['shmastra-phone-dark', 'dusk', 'dark', { width: 390, height: 844 }],
    ['shmastra-dark', 'night', 'dark', { width: 1440, height: 900 }],
  ] as const)('looks well: %s', async (name, agent, colorScheme, viewport) => {
    const { page, panel, shot, ask, close } = await openChatPage(browser, scene, { viewport, colorScheme });
    await page.evaluate((theme) => {
      document.documentElement.classList.remove('light', 'dark');
      document.documentElement.classList.add(theme);
    }, colorScheme);
    await ask(`create an agent called ${agent} that says hello`);
    await panel.getByLabel('Version', { exact: true }).last().waitFor();
    // Nothing but code scrolls sideways.
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await shot(name);
    await close();
  });
});
