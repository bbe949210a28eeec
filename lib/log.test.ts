import { expect, it } from 'vitest';
import { createLog, maskKeys } from './log.ts';

it('replaces secrets by the names of their fields', () => {
  const lines: string[] = [];
  const log = createLog('test', 'info', { write: (line: string) => void lines.push(line) });
  log.info(
    { token: 'hunter2', request: { headers: { authorization: 'Bearer hunter2', cookie: 'a=hunter2' } } },
    'hello',
  );
  log.child({ password: 'hunter2' }).info({ 'x-api-key': 'hunter2', headers: { 'set-cookie': ['hunter2'] } }, 'again');
  expect(lines.join('')).not.toContain('hunter2');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', name: 'test', msg: 'hello', token: '[secret]' });
});

it('masks keys in texts that come from elsewhere', () => {
  const id = crypto.randomUUID();
  const text = `vk_${id}_${'a'.repeat(32)} sk-proj-abcdefgh1234 postgres://me:hunter2@host/db e2b_0123456789abcdef`;
  expect(maskKeys(text)).toBe('vk_[secret] sk-[secret] postgres://me:[secret]@host/db e2b_[secret]');
});
