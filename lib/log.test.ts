import { expect, it } from 'vitest';
import { createLog, maskKeys } from './log.ts';

it('replaces secrets by the names of their fields', () => {
  const lines: string[] = [];
  const log = createLog('test', 'info', { write: (line: string) => void lines.push(line) });
  log.info(
    { token: 'hunter2', request: { headers: { authorization: 'Bearer hunter2', cookie: 'a=hunter2' } } },
    'hello',
  );
  const failure = Object.assign(new Error('it failed'), {
    token: 'hunter2',
    response: { headers: { Cookie: 'hunter2' } },
  });
  log.info({ err: failure, list: [{ secret: 'hunter2' }], when: new Date(0) }, 'failed');
  log.child({ password: 'hunter2' }).info({ 'x-api-key': 'hunter2', headers: { 'set-cookie': ['hunter2'] } }, 'again');
  expect(lines.join('')).not.toContain('hunter2');
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ err: { message: 'it failed' }, when: '1970-01-01T00:00:00.000Z' });
  expect(failure.token).toBe('hunter2');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', name: 'test', msg: 'hello', token: '[secret]' });
});

it('logs nothing that was not looked into', () => {
  const lines: string[] = [];
  const log = createLog('test', 'info', { write: (line: string) => void lines.push(line) });
  const ring: Record<string, unknown> = { token: 'hunter2', name: 'ring' };
  ring['self'] = ring;
  const error: Error & { of?: unknown } = new Error('it failed');
  error.of = { error, token: 'hunter2' };
  const writesItself = { toJSON: () => ({ token: 'hunter2', name: 'itself' }) };
  const deep = { a: { b: { c: { d: { e: { f: { token: 'hunter2' } } } } } } };
  log.info({ ring, error, writesItself, deep, bytes: Buffer.from('x'), when: new Date(0) }, 'hello');
  expect(lines.join('')).not.toContain('hunter2');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    ring: { name: 'ring' },
    error: { message: 'it failed' },
    writesItself: { name: 'itself' },
    when: '1970-01-01T00:00:00.000Z',
  });
});

it('never fails for what is logged', () => {
  const lines: string[] = [];
  const log = createLog('test', 'info', { write: (line: string) => void lines.push(line) });
  const broken = {
    get field(): string {
      throw new Error('it cannot be read');
    },
  };
  log.info({ broken }, 'one');
  log.info({ cause: Object.freeze(new Error('it is frozen')) }, 'two');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { msg: 'one', unreadable: true },
    { msg: 'two', cause: { message: 'it is frozen' } },
  ]);
});

it('masks keys in texts that come from elsewhere', () => {
  const id = crypto.randomUUID();
  const text = `vk_${id}_${'a'.repeat(32)} sk-proj-abcdefgh1234 postgres://me:hunter2@host/db e2b_0123456789abcdef`;
  expect(maskKeys(text)).toBe('vk_[secret] sk-[secret] postgres://me:[secret]@host/db e2b_[secret]');
});
