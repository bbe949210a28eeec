import { expect, it, vi } from 'vitest';
import { runCli } from './main.ts';

it('prints no control characters of what it was told', async () => {
  const print = vi.spyOn(console, 'error').mockImplementation(() => {});
  try {
    expect(await runCli(['\u001b]0;owned\u0007'])).toBe(2);
    expect(print.mock.calls[0]).toEqual(['engine: unknown command: ?]0;owned?']);
  } finally {
    print.mockRestore();
  }
});
