import { beforeAll, expect, test } from 'vitest';
import type { ChatPage } from './testing/browser.ts';
import type { Site } from './testing/site.ts';
import { phone, visits } from './testing/visits.ts';

const { visit, startedSite } = visits();
let site: Site;
beforeAll(() => void (site = startedSite()));

test('on a phone the menu shows all that it has; where it has to scroll, its edge says so', async () => {
  site.api.demo = true;
  site.admin = true;
  const high = await visit('/studio/agents?shmastra=open', phone(844));
  await high.button('More').click();
  await high.page.getByRole('menuitem', { name: 'Team' }).waitFor();
  const menu = (chat: ChatPage) => chat.page.locator('.popup');
  expect(await menu(high).evaluate((popup) => popup.scrollHeight - popup.clientHeight)).toBe(0);
  const last = await high.page.getByRole('menuitem', { name: 'Sign out' }).boundingBox();
  expect((last?.y ?? 844) + (last?.height ?? 0)).toBeLessThan(844);

  const low = await visit('/studio/agents?shmastra=open', phone(600));
  await low.button('More').click();
  await low.page.getByRole('menuitem', { name: 'Team' }).waitFor();
  // A strip beside the entries, at the lower edge: nothing but the background is in it.
  const strip = async () => {
    const { x, y, height } = (await menu(low).boundingBox()) ?? { x: 0, y: 0, height: 0 };
    return low.page.screenshot({ clip: { x: x + 2, y: y + height - 10, width: 2, height: 6 }, animations: 'disabled' });
  };
  const more = await strip();
  await menu(low).evaluate((popup) => popup.scrollTo(0, popup.scrollHeight));
  await expect.poll(async () => (await strip()).equals(more)).toBe(false);
});

test('the models stand in one column, each on one line', async () => {
  const chat = await visit();
  await chat.button('General').click();
  const entries = chat.page.getByRole('menuitemradio');
  await entries.first().waitFor();
  const shapes = await entries.evaluateAll((all) =>
    all.map((entry) => {
      const name = entry.querySelector('.item-text')?.getBoundingClientRect();
      return { left: name?.left, height: entry.getBoundingClientRect().height };
    }),
  );
  expect(shapes).toEqual(shapes.map(() => ({ left: shapes[0]?.left, height: 32 })));
});
