import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { make } from './attempt.ts';
import { KERNEL_ATTEMPTS } from './attempts-kernel.ts';
import { LIMIT_ATTEMPTS } from './attempts-limits.ts';
import { NAMESPACE_ATTEMPTS } from './attempts-namespaces.ts';
import { PROC_ATTEMPTS } from './attempts-proc.ts';
import { EscapeEngine } from './escape-engine.ts';
import { Table } from './table.ts';

let engine: EscapeEngine;
beforeAll(async () => {
  engine = await EscapeEngine.start({ ENGINE_PIDS: '300' });
});
afterAll(() => engine?.dispose());

/** Programs inside a sandbox that try to get out, or at what belongs to others; each with its defence and without it. */
describe.each([
  ['namespaces and mounts', NAMESPACE_ATTEMPTS],
  ['the kernel and its devices', KERNEL_ATTEMPTS],
  ['proc, sys and other processes', PROC_ATTEMPTS],
  ['limits', LIMIT_ATTEMPTS],
])('%s', (name, attempts) => {
  const table = new Table(name);
  afterAll(() => table.finish());

  it.each(attempts)('$attempt', async (attempt) => {
    const { defended, undefended, row } = await make(engine, attempt);
    table.add(row);
    expect(defended, attempt.attempt).toMatchObject({ succeeded: false });
    expect(undefended ?? { succeeded: true }, `${attempt.attempt}, without its defence`).toMatchObject({
      succeeded: true,
    });
  });
});
