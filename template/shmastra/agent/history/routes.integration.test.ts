import { afterEach, beforeEach, expect, it } from 'vitest';
import { HistoryProject } from '../testing/history-project.ts';
import { historyRoutes } from './routes.ts';

let project: HistoryProject;
let running: boolean;

beforeEach(() => {
  project = new HistoryProject();
  running = false;
});
afterEach(() => project.remove());

const live = { ms: 12, revision: 3 };
const routes = () =>
  historyRoutes({ history: project.history, isTurnRunning: () => running, afterChange: () => Promise.resolve(live) });
const post = (path: string, body?: unknown) =>
  routes().request(path, { method: 'POST', ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

it('lists, shows, undoes, redoes and restores', async () => {
  const commit = await project.change('One', { 'a.txt': '1' });
  const list = await routes().request('/history?limit=1');
  expect(await list.json()).toMatchObject({
    commits: [{ message: 'One' }],
    undo: { message: 'One' },
    redo: null,
    state: 'clean',
  });
  expect(await (await routes().request(`/history/${commit.hash}`)).json()).toMatchObject({
    files: [{ file: 'a.txt' }],
  });
  expect(await (await post('/history/undo')).json()).toMatchObject({ commit: { kind: 'undo' }, live });
  // What a redo brings back is named by the change itself.
  const { redo } = (await (await routes().request('/history')).json()) as { redo: { hash: string } };
  expect(redo.hash).toBe(commit.hash);
  expect(await (await post('/history/redo')).json()).toMatchObject({ commit: { kind: 'redo' }, live });
  await project.change('Two', { 'a.txt': '2' });
  expect(await (await post('/history/restore', { hash: commit.hash })).json()).toMatchObject({
    commit: { kind: 'restore' },
  });
});

it('refuses with words', async () => {
  expect((await post('/history/undo')).status).toBe(404);
  expect((await post('/history/restore', {})).status).toBe(400);
  expect((await routes().request('/history?limit=0')).status).toBe(400);
  expect((await routes().request('/history/nonsense')).status).toBe(404);
  running = true;
  const refused = await post('/history/undo');
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ error: { code: 'turn_running' } });
});
