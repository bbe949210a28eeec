import { expect, test, vi } from 'vitest';
import { createClient } from '../api/client.ts';
import { hearing } from '../api/hearing.ts';
import { createMemory } from '../page/storage.ts';
import { memoryStore } from '../testing/memory-store.ts';
import { createChat } from './chat.ts';
import { createDrafts } from './drafts.ts';
import { createIdentities } from './identities.ts';
import { createChatStore } from './state.ts';

/** A chat whose workspace answers as `answer` says. */
function chatWith(answer: () => Response) {
  const memory = createMemory(memoryStore());
  const store = createChatStore();
  const tellHeard = vi.fn<() => void>();
  const heard = (): void => chat.heard();
  const fetch = hearing(async () => answer(), heard);
  const chat = createChat(
    {
      ...{ store, fetch, memory, heard, tellHeard, base: '/api' },
      ...{ client: createClient(fetch), drafts: createDrafts(memory), identities: createIdentities() },
      ...{ now: () => 0, uuid: () => '1', page: () => '/studio', hidden: () => false, hurry: () => () => {} },
      ...{ refreshPage: () => {}, wake: async () => {}, notify: () => {} },
    },
    () => Promise.reject(new Error('There are no attachments.')),
  );
  return { chat, store, tellHeard };
}

test.each(['asleep', 'waking', 'unreachable'] as const)('an answer of the workspace ends "%s"', async (workspace) => {
  const { chat, store, tellHeard } = chatWith(() => Response.json({ apps: [] }));
  chat.setWorkspace(workspace);
  await chat.loadApps();
  expect(store.getState().workspace).toBe('ready');
  expect(tellHeard).toHaveBeenCalledOnce();
  chat.end();
});

test('a refusal in the name of the workspace ends nothing, nor does an answer while it is repaired', async () => {
  let answer = () => Response.json({ error: { code: 'sandbox_paused' } }, { status: 503 });
  const { chat, store, tellHeard } = chatWith(() => answer());
  chat.setWorkspace('unreachable');
  await expect(chat.loadApps()).rejects.toThrow('does not answer');
  expect(store.getState().workspace).toBe('unreachable');
  chat.setWorkspace('healing');
  answer = () => Response.json({ apps: [] });
  await chat.loadApps();
  expect(store.getState().workspace).toBe('healing');
  expect(tellHeard).not.toHaveBeenCalled();
  chat.end();
});
