import { expect, it } from 'vitest';

import { promptOf, withPrompt } from './starter-target.ts';

it('carries a prompt to Studio and gives it back', () => {
  const target = withPrompt('/studio/agents', 'Ask: 1 & 2, what?');
  expect(target).toBe('/studio/agents?shmastra=open&prompt=Ask%3A+1+%26+2%2C+what%3F');
  expect(promptOf(target)).toBe('Ask: 1 & 2, what?');
});

it('takes another prompt, or none, in its place, and keeps the rest of the address', () => {
  const first = withPrompt('/studio/agents?tab=tools#top', 'one');
  expect(promptOf(withPrompt(first, 'two'))).toBe('two');
  expect(withPrompt(first, null)).toBe('/studio/agents?tab=tools#top');
  expect(promptOf('/studio/agents?prompt=its+own')).toBeNull();
});
