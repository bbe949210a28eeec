import { describe, expect, it, vi } from 'vitest';
import { Health, type HealthReport } from './health.ts';

describe('Health', () => {
  it('tells about changes only', () => {
    const health = new Health('1.2.3');
    const listener = vi.fn<(report: HealthReport) => void>();
    const unsubscribe = health.subscribe(listener);
    health.starting('app');
    health.starting('environment');
    health.ready(1);
    health.ready(1);
    health.ready(1, { message: 'no', file: 'a.ts', line: 3 });
    unsubscribe();
    health.failed({ message: 'no' });
    expect(listener.mock.calls.map(([report]) => report)).toEqual([
      { state: 'starting', version: '1.2.3', revision: 0, waiting: 'environment' },
      { state: 'ready', version: '1.2.3', revision: 1 },
      { state: 'ready', version: '1.2.3', revision: 1, error: { message: 'no', file: 'a.ts', line: 3 } },
    ]);
    expect(health.report).toEqual({ state: 'failed', version: '1.2.3', revision: 1, error: { message: 'no' } });
  });
});
