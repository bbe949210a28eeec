import { describe, expect, it } from 'vitest';
import { applyEnv } from './run-step.ts';
import { buildStartSchema, expandVariables, groupSteps, parseSteps, stepInputs } from './steps.ts';

const filesHash = 'a'.repeat(64);
const parse = (steps: unknown[], force = false) => parseSteps(buildStartSchema.parse({ steps }).steps, force);

describe('parseSteps', () => {
  it('reads the steps of the SDK', () => {
    const steps = parse([
      { type: 'ENV', args: ['A', '1', 'B', '$A'] },
      { type: 'RUN', args: ['make', 'root'], force: false },
      { type: 'COPY', args: ['src', '/app', '', ''], filesHash, force: true, resolveSymlinks: false },
      { type: 'USER', args: ['user'] },
    ]);
    expect(steps).toMatchObject([
      {
        type: 'ENV',
        number: 1,
        variables: [
          ['A', '1'],
          ['B', '$A'],
        ],
      },
      { type: 'RUN', command: 'make', user: 'root', force: false },
      { type: 'COPY', source: 'src', destination: '/app', owner: undefined, mode: undefined, force: true },
      { type: 'USER', name: 'user', force: true },
    ]);
  });

  it.each([
    { type: 'RUN', args: [] },
    { type: 'RUN', args: ['x', 'root; rm'] },
    { type: 'COPY', args: ['src', '/app'] },
    { type: 'COPY', args: ['../src', '/app'], filesHash },
    { type: 'COPY', args: ['/etc', '/app'], filesHash },
    { type: 'COPY', args: ['src', '/app', '', '9'], filesHash },
    { type: 'ENV', args: ['A'] },
    { type: 'ENV', args: ['A-B', '1'] },
    { type: 'EXPOSE', args: ['80'] },
  ])('refuses %j and names it', (step) => {
    expect(() => parse([step])).toThrowError(/^Step 1 \(/);
  });
});

it('puts what comes before a RUN into its sandbox', () => {
  const steps = parse([
    { type: 'ENV', args: ['A', '1'] },
    { type: 'COPY', args: ['a', 'b'], filesHash },
    { type: 'RUN', args: ['a'] },
    { type: 'RUN', args: ['b'] },
    { type: 'USER', args: ['root'] },
  ]);
  expect(groupSteps(steps).map((group) => group.map((step) => step.number))).toEqual([[1, 2, 3], [4], [5]]);
});

it('keys a step by what it does, not by its place', () => {
  const [first, second] = parse([
    { type: 'RUN', args: ['a'] },
    { type: 'RUN', args: ['a'], force: true },
  ]);
  expect(first && stepInputs(first)).toEqual(second && stepInputs(second));
});

it.each([
  ['$A/b', '1/b'],
  ['${A}b', '1b'],
  ['$Ab', ''],
  ['\\$A', '$A'],
  ['$', '$'],
])('expands %s to %s', (value, expected) => {
  expect(expandVariables(value, { A: '1' })).toBe(expected);
});

it('lets a variable see those before it, and PATH', () => {
  const settings = applyEnv({ env: {}, user: 'user' }, [
    ['BIN', '/opt/bin'],
    ['PATH', '$BIN:$PATH'],
  ]);
  expect(settings.env.PATH).toMatch(/^\/opt\/bin:\/usr\/local\/sbin:/);
});
