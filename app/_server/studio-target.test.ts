import { expect, it } from 'vitest';

import { studioTarget } from './studio-target.ts';

it.each([
  [undefined, '/studio/agents'],
  ['/studio/agents/assistant/chat/new', '/studio/agents/assistant/chat/new'],
  ['/studio?x=1', '/studio?x=1'],
  ['/studious', '/studio/agents'],
  ['/team', '/studio/agents'],
  ['/studio/../api/mastra/x', '/studio/agents'],
  ['//evil.example/studio/', '/studio/agents'],
  ['https://evil.example/studio/', '/studio/agents'],
  ['/\\evil.example', '/studio/agents'],
  ['javascript:alert(1)', '/studio/agents'],
])('%s leads to %s', (returnTo, target) => expect(studioTarget(returnTo)).toBe(target));
