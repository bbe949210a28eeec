import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ENVD_COMMAND, ensureToolbox, isEnvd } from './toolbox.ts';

const run = promisify(execFile);

const MISSING_TOKEN = 'envd: ENVD_ACCESS_TOKEN is not set\n';
/** Tells whether V8 refuses the compiled code in the folder that is named. */
const TAKES_CODE = `
  const read = (name) => fs.readFileSync(process.argv[1] + '/' + name);
  const source = module.constructor.wrap(read('bundle.js').toString());
  console.log(new vm.Script(source, { cachedData: read('bundle.cache') }).cachedDataRejected);
`;

it('holds what PID 1 of a sandbox needs, made once', async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'toolbox-'));
  try {
    const [dir, again] = await Promise.all([ensureToolbox(dataDir), ensureToolbox(dataDir)]);
    expect(again).toBe(dir);
    const { mtimeMs } = await stat(dir);
    expect(await ensureToolbox(dataDir)).toBe(dir);
    expect((await stat(dir)).mtimeMs).toBe(mtimeMs);
    expect((await readdir(dir)).sort()).toEqual(['bundle.cache', 'bundle.js', 'envd.cjs', 'koffi.node', 'node']);
    const [node = '', ...args] = ENVD_COMMAND.map((part) => part.replace('/.engine', dir));
    const started = () => expect(run(node, args)).rejects.toMatchObject({ code: 1, stderr: MISSING_TOKEN });
    await started();

    const isRefused = async () => {
      const { stdout } = await run(node, [...args.slice(0, -1), '-e', TAKES_CODE, dir]);
      return JSON.parse(stdout) as unknown;
    };
    expect(await isRefused()).toBe(false);
    // Code that is of no use is as good as none.
    const code = path.join(dir, 'bundle.cache');
    await truncate(code, 5000);
    expect(await isRefused()).toBe(true);
    await started();
    await writeFile(code, 'no code');
    await started();
    await rm(code);
    await started();
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

it.each([
  [true, ENVD_COMMAND],
  [true, ['/.engine/node', '--some-flag', '/.engine/envd.cjs']],
  [true, ['/.engine/init', '--', '/.engine/node', '/.engine/envd.cjs']],
  [false, ['/.engine/node', '/home/user/server.js']],
  [false, ['node', '/.engine/envd.cjs']],
])('tells envd, also that of former engines, from what the sandbox runs (%s)', (is, args) => {
  expect(isEnvd(`${args.join('\0')}\0`)).toBe(is);
});
