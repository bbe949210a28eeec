import { describe, expect, it } from 'vitest';

import type { WorkspaceStatus } from './workspace-status.ts';
import { workspaceView, type ViewInput } from './workspace-view.ts';

const start = Date.parse('2026-01-01T00:00:00.000Z');
const iso = (seconds: number) => new Date(start + seconds * 1_000).toISOString();

const provisioning: WorkspaceStatus = { status: 'provisioning', phase: 'creating', startedAt: iso(0), attempt: 1 };

function view(status: Partial<WorkspaceStatus>, seconds: number, more: Partial<ViewInput> = {}) {
  return workspaceView({
    status: { ...provisioning, ...status },
    now: start + seconds * 1_000,
    waitingSince: start,
    connected: true,
    hidden: false,
    usualMilliseconds: null,
    ...more,
  });
}

describe('setting up', () => {
  it('says what is set up, since when and how long it usually takes', () => {
    const shown = view({}, 3, { usualMilliseconds: 8_200 });
    expect(shown).toMatchObject({ kind: 'provisioning', heading: 'Setting up your workspace', elapsed: '3 s' });
    expect(shown.lead).toContain('Usually 8 s.');
    expect([shown.slow, shown.needsHelp, shown.shouldOpen, shown.shouldWake]).toEqual([false, false, false, false]);
  });

  it('names no usual duration that was not measured', () => expect(view({}, 3).lead).not.toContain('Usually'));

  it('shows the real steps with their real times', () => {
    const steps: WorkspaceStatus['steps'] = [
      { id: 'queued', state: 'done', startedAt: iso(0) },
      { id: 'creating', state: 'done', startedAt: iso(0.1) },
      { id: 'configuring', state: 'active', startedAt: iso(1.3) },
      { id: 'starting', state: 'waiting' },
      { id: 'a-later-version', state: 'waiting' },
    ];
    const shown = view({ phase: 'configuring', steps }, 2).steps;
    expect(shown.map(({ id, state, milliseconds }) => [id, state, milliseconds])).toEqual([
      ['creating', 'done', 1_200],
      ['configuring', 'active', 700],
      ['starting', 'waiting', null],
    ]);
  });

  it('has no time for a step whose beginning is not known', () => {
    const steps: WorkspaceStatus['steps'] = [{ id: 'creating', state: 'active' }];
    expect(view({ steps }, 2).steps[0]?.milliseconds).toBeNull();
  });

  it('shows a live place in the queue', () => {
    const shown = view({ phase: 'queued', position: 3, attempt: 0 }, 1);
    expect([shown.kind, shown.heading]).toEqual(['queued', 'Position 3 in the queue']);
  });

  it('does not speak of a queue to who is next', () => {
    expect(view({ phase: 'queued', position: 1, attempt: 0 }, 1).heading).toBe('Setting up your workspace');
  });

  it('offers more from ten seconds on, and help from sixty', () => {
    expect([view({}, 9.9).slow, view({}, 10).slow, view({}, 59).needsHelp, view({}, 60).needsHelp]).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(view({}, 24).lead).toBe('Still starting (24 s). You can close this tab.');
  });

  it('counts down to the next attempt', () => {
    const error = { code: 'engine_unreachable', message: 'The engine does not answer.' };
    const status = { phase: 'queued', position: 2, attempt: 1, maxAttempts: 5, nextAttemptAt: iso(12), error };
    expect(view(status, 8).retry).toBe('Attempt 2 of 5 starts in 4 s.');
    expect(view(status, 13).retry).toBe('Attempt 2 of 5 is starting.');
    expect(view(status, 8).heading).toBe('Setting up your workspace');
    expect(view(status, 8).problem).toMatchObject({ code: 'engine_unreachable', next: null });
  });
});

describe('waking', () => {
  const paused = { status: 'paused', phase: 'done', startedAt: iso(-3_600) } as const;

  it('shows nothing for 300 ms, then counts from the visit, not from the pause', () => {
    expect(view(paused, 0.2).silent).toBe(true);
    expect(view(paused, 0.4).silent).toBe(false);
    expect(view(paused, 4)).toMatchObject({ heading: 'Waking your workspace', elapsed: '4 s' });
  });

  it('wakes for somebody who looks, not for a hidden tab', () => {
    expect(view(paused, 0).shouldWake).toBe(true);
    expect(view(paused, 0, { hidden: true }).shouldWake).toBe(false);
  });
});

describe('ready', () => {
  it('opens Studio, and a hidden tab only changes its title', () => {
    expect(view({ status: 'ready' }, 4)).toMatchObject({ shouldOpen: true, documentTitle: 'Ready', elapsed: null });
    expect(view({ status: 'ready' }, 4, { hidden: true })).toMatchObject({ shouldOpen: false, documentTitle: 'Ready' });
  });
});

describe('repair and its end', () => {
  it('names the rung and that work is committed', () => {
    for (const phase of ['restart', 'fix', 'rollback', 'unknown', null]) {
      expect(view({ status: 'healing', phase }, 1).lead).toContain('Your work is committed');
    }
  });

  it('a broken workspace gives reason, code and a way to get help at once, and waits for nothing', () => {
    const error = { code: 'template_missing', message: 'The template is missing.', next: 'Run the template build.' };
    const shown = view({ status: 'broken', phase: 'done', error }, 1);
    expect(shown.lead).toContain('Your files are kept');
    expect(shown).toMatchObject({ kind: 'broken', problem: error, needsHelp: true, elapsed: null, retry: null });
    expect(shown.shouldWake || shown.shouldOpen || shown.slow).toBe(false);
  });
});

it('does not speak of files where there never were any', () => {
  const lead = view({ status: 'broken', phase: 'creating', attempt: 5 }, 1).lead;
  expect(lead).toContain('tried 5 times');
  expect(lead).not.toContain('files');
});

describe('a lost stream', () => {
  it('dims the state while the page polls', () => {
    expect(view({}, 1, { connected: false }).stale).toBe(true);
    expect(view({ status: 'ready' }, 1, { connected: false })).toMatchObject({ stale: false, shouldOpen: true });
  });
});

it('survives a date that is none', () => {
  expect(view({ startedAt: 'yesterday' }, 5).elapsed).toBe('5 s');
});
