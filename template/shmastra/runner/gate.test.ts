import { describe, expect, it } from 'vitest';
import type { AppProcess } from './app-process.ts';
import { Gate } from './gate.ts';

const appThat = (alive: boolean) => ({ alive }) as AppProcess;

describe('Gate', () => {
  it('holds requests until an app is there', async () => {
    const gate = new Gate();
    const app = appThat(true);
    const waiting = [gate.pass(1000), gate.pass(1000)];
    gate.open(app);
    expect(await Promise.all(waiting)).toEqual([app, app]);
    expect(await gate.pass(0)).toBe(app);
  });

  it('gives up after the time that a request may wait', async () => {
    expect(await new Gate().pass(5)).toBeUndefined();
  });

  it('refuses at once when it is shut, also those that wait', async () => {
    const gate = new Gate();
    const waiting = gate.pass(60_000);
    gate.shut();
    expect(await waiting).toBeUndefined();
    expect(await gate.pass(60_000)).toBeUndefined();
  });

  it('does not let requests through to an app that has just died', async () => {
    const gate = new Gate();
    gate.open(appThat(false));
    const next = appThat(true);
    const waiting = gate.pass(1000);
    gate.open(next);
    expect(await waiting).toBe(next);
  });

  it('holds a limited number of requests', async () => {
    const gate = new Gate();
    const waiting = Array.from({ length: 256 }, () => gate.pass(60_000));
    expect(await gate.pass(60_000)).toBeUndefined();
    gate.shut();
    await Promise.all(waiting);
  });
});
