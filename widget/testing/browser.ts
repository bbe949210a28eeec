import { createRequire } from 'node:module';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Debian's Chromium; the flags keep it from calling home, which a closed network would refuse one by one. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
}

/** The chat on a page, named as a person would name its parts. */
export class ChatPage {
  readonly page: Page;
  /** Errors of the page's scripts. */
  readonly errors: string[] = [];
  /** Addresses that were asked for. */
  readonly addresses: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('request', (request) => this.addresses.push(request.url()));
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: 'Message', exact: true });
  }

  get stop(): Locator {
    return this.button('Stop');
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  text(text: string | RegExp): Locator {
    return this.page.getByText(text);
  }

  /** The line that says what was done. */
  flash(text: string): Locator {
    return this.page.locator('.flash').getByText(text);
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** Waits for the end of a turn. */
  async ended(): Promise<void> {
    await this.button('Send').waitFor();
  }

  setState(view: string): Promise<void> {
    return this.page.evaluate((name) => {
      window.dispatchEvent(
        new CustomEvent('shmastra:state', { detail: { view: name, buildError: null, revision: null } }),
      );
    }, view);
  }

  /** Rules of WCAG 2.2 AA that the page breaks, each with the elements. */
  async violations(): Promise<string[]> {
    await this.page.addScriptTag({ path: axePath }).catch(() => this.page.evaluate(axeSource()));
    return this.page.evaluate(async () => {
      const axe: unknown = Reflect.get(window, 'axe');
      if (typeof axe !== 'object' || axe === null) throw new Error('axe was not loaded');
      const run: (
        context: unknown,
        options: unknown,
      ) => Promise<{ violations: { id: string; nodes: { target: unknown }[] }[] }> = Reflect.get(axe, 'run');
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
      const { violations } = await run({ include: ['shmastra-chat'] }, { runOnly: tags });
      return violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => JSON.stringify(node.target)).join(' ')}`);
    });
  }
}

function axeSource(): string {
  return createRequire(import.meta.url)('axe-core').source;
}
