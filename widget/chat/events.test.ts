import { expect, test } from 'vitest';
import { wantsEvents } from './events.ts';
import { createChatStore, type ChatState } from './state.ts';

const state = (more: Partial<ChatState>): ChatState => createChatStore(more).getState();
const session = { id: 's', title: '', createdAt: '', updatedAt: '', running: true };
const turn = {
  sessionId: 's',
  turnId: 't',
  message: { id: 'm', role: 'assistant' as const, parts: [] },
  since: 0,
  joined: false,
  connection: 'live' as const,
  stopping: false,
};

test('listens to other tabs only while the panel is open or a turn runs, and not beside a turn of its own', () => {
  expect(wantsEvents(state({}), false)).toBe(false);
  expect(wantsEvents(state({ open: true }), false)).toBe(true);
  expect(wantsEvents(state({ open: true }), true)).toBe(false);
  expect(wantsEvents(state({ sessions: [session] }), true)).toBe(true);
  expect(wantsEvents(state({ open: true, turn }), false)).toBe(false);
});
