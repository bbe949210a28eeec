import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EditedProject } from '../testing/edited-project.ts';

// What saved code can do wrong while it is loaded. The names are those of the table in docs/runner.md.

const FILE = 'src/mastra/fault.ts';
const HOLD_MS = 3000;
let project: EditedProject;

/** What an error says of where it is, in case that can be known. */
const place = (line: number | undefined) => (line === undefined ? {} : { file: FILE, line });

beforeAll(async () => {
  project = await EditedProject.start({ settings: { SHMASTRA_APP_MEMORY_MB: '600' } });
});
afterEach(() => project.mend());
afterAll(() => project?.stop());

const FAULTS = [
  { name: 'a syntax error', text: '\nexport const = 1;\n', message: 'Expected identifier', line: 2 },
  { name: 'a throw at import', text: "\nthrow new Error('on purpose');\n", message: 'on purpose', line: 2 },
  { name: 'process.exit at import', text: '\nprocess.exit(3);\n', message: 'process.exit(3)', line: 2 },
  {
    name: 'a rejected promise at import',
    text: "\nawait Promise.reject(new Error('on purpose'));\n",
    message: 'on purpose',
    line: 2,
  },
  {
    name: 'a missing package',
    text: "import no from 'no-such-package';\nconsole.log(no);\n",
    message: 'no-such-package',
    line: undefined,
  },
  { name: 'an endless loop at import', text: '\nfor (;;) {}\n', message: 'busy', line: 2 },
  {
    name: 'a process that ends at import',
    text: "\nprocess.kill(process.pid, 'SIGKILL');\n",
    message: 'SIGKILL',
    line: undefined,
  },
  {
    name: 'endless memory at import',
    text: '\nconst all: unknown[] = [];\nfor (;;) all.push(new Array(10_000).fill(Math.random()));\n',
    message: 'memory|busy',
    line: 3,
  },
];

describe('the version that serves goes on after', () => {
  it.each(FAULTS)('$name', async ({ text, message, line }) => {
    const { report, ms, statuses } = await project.break(text);
    console.info(`said so after ${Math.round(ms)} ms`);
    expect(report.error?.message).toMatch(new RegExp(message.replace(/[()]/g, '\\$&')));
    expect(report.error).toMatchObject(place(line));
    // Delayed, not refused, unless this machine takes longer to start a process than a request may wait.
    expect([...statuses].filter((status) => status !== 200)).toEqual(ms < HOLD_MS || !statuses.has(503) ? [] : [503]);
    expect(project.runner.output.some((text) => text.includes('"the code cannot go live"'))).toBe(true);
  });
});

describe('a check finds', () => {
  it.each([
    ...FAULTS,
    { name: 'a type error', text: "\nexport const n: number = 'x';\n", message: 'TS2322', line: 2 },
    {
      name: 'a promise that is rejected and not handled',
      text: "\nvoid Promise.reject(new Error('on purpose'));\nexport {};\n",
      message: 'on purpose',
      line: 2,
    },
  ])('$name', async ({ name, text, message, line }) => {
    const { revision } = await project.runner.health();
    await project.runner.hold(60);
    await project.write(text);
    const { ok, stages } = await project.runner.check();
    expect(ok).toBe(false);
    const errors = stages.filter(({ state }) => state === 'failed').flatMap((stage) => stage.errors);
    const found = errors.find((error) => new RegExp(message.replace(/[()]/g, '\\$&')).test(error.message));
    expect([name, errors, found]).toEqual([
      name,
      errors,
      expect.objectContaining({ message: expect.any(String) as string }),
    ]);
    expect(found).toMatchObject(place(line));
    // Nothing of it has gone live, and the report names the error.
    expect(await project.runner.health()).toMatchObject({ state: 'ready', revision, error: errors[0] });
    await project.write('export {};\n');
    await project.runner.release();
  });
});

describe('what is held', () => {
  it('goes live as a checked whole, and fast', async () => {
    const { revision } = await project.runner.health();
    await project.runner.hold(60);
    await project.runner.prepare();
    await project.write('export const fault: number = 1;\nconsole.log(fault);\n');
    const started = performance.now();
    const { ok, stages } = await project.runner.check();
    console.info(`check: ${Math.round(performance.now() - started)} ms`, JSON.stringify(stages));
    expect([ok, stages.map(({ stage, state }) => [stage, state])]).toEqual([
      true,
      [
        ['bundle', 'ok'],
        ['types', 'ok'],
        ['import', 'ok'],
      ],
    ]);
    expect((await project.runner.health()).revision).toBe(revision);
    const live = await project.runner.goLive();
    console.info('live', JSON.stringify(live));
    expect(live).toMatchObject({ revision: revision + 1, ms: expect.any(Number) as number });
    await project.runner.release();
    // Nothing has changed since.
    expect(await project.runner.goLive()).toMatchObject({ revision: revision + 1 });
  });

  it('goes live by itself when the lease ends', async () => {
    const { revision } = await project.runner.health();
    await project.runner.hold(0.5);
    await project.write("export const fault = 'edited by hand';\nconsole.log(fault);\n");
    expect(await project.runner.until((report) => report.revision > revision)).toMatchObject({ state: 'ready' });
  });

  it('says why it cannot go live', async () => {
    await project.runner.hold(60);
    await project.write("\nthrow new Error('on purpose');\n");
    expect(await project.runner.goLive()).toMatchObject({ error: { message: 'on purpose', file: FILE, line: 2 } });
    await project.runner.release();
  });
});

describe('a check', () => {
  it('touches no database of the project, and connects no channel', async () => {
    const database = join(project.projectDir, '.data/mastra.db');
    await project.runner.get('/api/memory/threads?agentId=assistant');
    const before = [await stat(database).then(({ mtimeMs }) => mtimeMs), await readFile(database)];
    await project.write(
      [
        "import { writeFileSync } from 'node:fs';",
        "import { storage } from './storage';",
        'await storage.init();',
        "const memory = await storage.getStore('memory');",
        'const now = new Date();',
        "await memory?.saveThread({ thread: { id: 'x', resourceId: 'x', title: 'x', createdAt: now, updatedAt: now } });",
        "writeFileSync('checked.txt', String(process.env.MASTRA_DATA_DIR));",
      ].join('\n'),
      'src/mastra/checked.ts',
    );
    await project.runner.hold(60);
    await project.write("import './checked';\n");
    const { stages } = await project.runner.check();
    expect(stages.at(-1)).toMatchObject({ stage: 'import', state: 'ok' });
    expect(await readFile(join(project.projectDir, 'checked.txt'), 'utf8')).toContain('shmastra-check-');
    expect([await stat(database).then(({ mtimeMs }) => mtimeMs), await readFile(database)]).toEqual(before);
  });
});
