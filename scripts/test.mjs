// `npm test`: installs what is missing, runs every check and every test, and ends with the line `N passed, N failed`.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe } from './bootstrap/failure.mjs';
import { root } from './bootstrap/node.mjs';
import { asRoot, isRoot } from './bootstrap/platform.mjs';
import { createProgress, elapsed } from './bootstrap/progress.mjs';
import { prepareTestMachine } from './bootstrap/test-machine.mjs';

/**
 * `unsteady`: tests that failed, and passed when they were run once more.
 * @typedef {{ passed: number, failed: number, failures?: string[], unsteady?: string[] }} Count
 */
/** @typedef {{ status: string, fullName: string, failureMessages?: string[] }} Assertion */
/** @typedef {{ numPassedTests?: number, numFailedTests?: number, testResults?: { name: string, status: string, assertionResults: Assertion[] }[] }} Report */

const progress = createProgress(process.stdout);
const scratch = mkdtempSync(path.join(tmpdir(), 'shmastra-test-'));
/** @type {import('node:child_process').ChildProcess | null} */
let child = null;

/** Runs a tool in the open; true when it succeeded. @param {string[]} args @returns {Promise<boolean>} */
function tool(...args) {
  return new Promise((resolve) => {
    child = spawn(process.execPath, [path.join(root, 'scripts/with-node.mjs'), ...args], {
      cwd: root,
      stdio: 'inherit',
    });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}

/** A check counts as one test. @param {string[][]} commands @returns {Promise<Count>} */
async function check(...commands) {
  for (const command of commands) if (!(await tool(...command))) return { passed: 0, failed: 1 };
  return { passed: 1, failed: 0 };
}

/** @param {string} project @returns {Promise<Count>} */
async function tests(project) {
  const report = path.join(scratch, `${project}.json`);
  const ok = await tool(
    ...['vitest', 'run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    // Real processes on a shared machine: a test that only passes at its second try is named at the end.
    '--retry=1',
  );
  /** @type {Report} */
  let result = {};
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    // Nothing was reported: counted as one failure below.
  }
  const passed = result.numPassedTests ?? 0;
  const failed = result.numFailedTests ?? 0;
  // A file that does not load, or an error outside every test, fails the run without a failed test.
  return { passed, failed: ok ? failed : Math.max(failed, 1), ...named(project, result) };
}

/** @param {string} project @param {Report} result */
function named(project, { testResults = [] }) {
  const files = testResults.map((file) => ({ ...file, name: path.relative(root, file.name) }));
  /** @param {(test: Assertion) => boolean} wanted */
  const names = (wanted) =>
    files.flatMap(({ name, assertionResults }) =>
      assertionResults.filter(wanted).map((test) => `${project}: ${name} > ${test.fullName}`),
    );
  const broken = files.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  return {
    failures: [...names((test) => test.status === 'failed'), ...broken.map(({ name }) => `${project}: ${name}`)],
    unsteady: names((test) => test.status === 'passed' && (test.failureMessages?.length ?? 0) > 0),
  };
}

const TYPES = ['tsconfig.json', 'tsconfig.node.json', 'template/shmastra/tsconfig.json', 'widget/tsconfig.json'];

/** @type {{ name: string, needsRoot?: boolean, run: () => Promise<Count> }[]} */
const stages = [
  { name: 'types', run: () => check(...TYPES.map((file) => ['tsc', '-p', file])) },
  { name: 'lint and import rules', run: () => check(['oxlint']) },
  { name: 'format', run: () => check(['oxfmt', '--check']) },
  { name: 'unit tests', run: () => tests('unit') },
  { name: 'integration tests', needsRoot: true, run: () => tests('integration') },
  {
    name: 'engine by the SDKs',
    needsRoot: true,
    run: () => {
      // The other tests take 2.51 over http. `npm run test:engine` takes every version over every transport.
      process.env.SDK_SETTINGS ??= 'one';
      return tests('engine');
    },
  },
  { name: 'escape tests', needsRoot: true, run: () => tests('escape') },
  { name: 'end-to-end tests', needsRoot: true, run: () => tests('e2e') },
];

async function main() {
  await prepareTestMachine(progress);
  const summary = [];
  const total = { passed: 0, failed: 0 };
  const failures = [];
  const unsteady = [];
  for (const stage of stages) {
    if (stage.needsRoot && !isRoot()) {
      total.failed += 1;
      summary.push(`  ${stage.name.padEnd(24)} not run: needs root (${asRoot('npm test')})`);
      continue;
    }
    console.log(`\n${progress.bold(stage.name)}`);
    const began = Date.now();
    const result = await stage.run();
    const { passed, failed } = result;
    total.passed += passed;
    total.failed += failed;
    failures.push(...(result.failures ?? []));
    unsteady.push(...(result.unsteady ?? []));
    summary.push(`  ${stage.name.padEnd(24)} ${passed} passed, ${failed} failed  ${elapsed(Date.now() - began)}`);
  }
  console.log(`\n${summary.join('\n')}\n`);
  if (unsteady.length > 0) console.log(`passed only when run once more:\n  ${unsteady.join('\n  ')}\n`);
  if (failures.length > 0) console.log(`failed:\n  ${failures.join('\n  ')}\n`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => {
    child?.kill(signal);
    process.exitCode = 130;
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  progress.close();
  console.error(`\n${describe(error)}\n\n0 passed, 1 failed`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
