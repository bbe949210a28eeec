import { expect, it } from 'vitest';
import { testRecord } from '../testing/record.ts';
import { printable, sandboxFacts, withoutSecrets } from './facts.ts';

const secrets = { envdToken: 'secret-1', trafficToken: 'secret-2', envVars: { API_KEY: 'secret-3' } };

it('shows nothing secret of a record, and no field that it does not know', () => {
  const record = { ...testRecord(secrets), addedLater: 'secret-4', network: { maskRequestHost: 'secret-5' } };
  const shown = withoutSecrets(record);
  expect(JSON.stringify(shown)).not.toContain('secret');
  expect(shown).toMatchObject({ envVars: ['API_KEY'], needsTrafficToken: true, id: 'itest' });
});

it('tells kept memory from none', async () => {
  const usage = { cpuUsec: 1, memoryBytes: 2, cacheBytes: 1, processes: 3 };
  const sources = { address: () => '10.0.0.2', folder: String, diskFile: () => '/nonexistent', usage: () => usage };
  const identity = { pid: 1, startTime: '1', bootId: 'x' };
  const kept = await sandboxFacts(testRecord({ ...secrets, state: 'paused', process: identity }), sources);
  expect(kept).toMatchObject({ memory: 'kept', usage, diskBytes: null });
  expect(JSON.stringify(kept)).not.toContain('secret');
  expect(await sandboxFacts(testRecord({ state: 'paused' }), sources)).toMatchObject({ memory: 'none', usage: null });
});

it('lets no control character through to a terminal', () => {
  expect(printable('a\u001b[31mb\nc\u009b')).toBe('a?[31mb?c?');
  expect(printable('x'.repeat(400))).toHaveLength(300);
});
