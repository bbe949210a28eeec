import { expect, test } from 'vitest';
import { commandEnvironment, runCommand } from './run-command.ts';

const options = {
  cwd: '/',
  env: commandEnvironment(process.env),
  timeoutMs: 20_000,
  signal: new AbortController().signal,
};
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('gives back what a command says, and how it ended', async () => {
  expect(await runCommand('echo out; echo err >&2; exit 3', options)).toMatchObject({
    exitCode: 3,
    output: expect.stringMatching(/out\nerr|err\nout/) as string,
    timedOut: false,
  });
});

test('has none of the keys', async () => {
  const env = commandEnvironment({
    PATH: process.env.PATH,
    OPENAI_API_KEY: 'vk_x',
    SHMASTRA_SERVER_TOKEN: 't',
    VIRTUAL_KEY: 'v',
  });
  expect((await runCommand('env', { ...options, env })).output).not.toMatch(/KEY|TOKEN/);
});

test('shows the beginning and the end of a long output', async () => {
  const { output } = await runCommand('echo begin; yes | head -c 300000; echo end', options);
  expect(output.length).toBeLessThan(20_000);
  expect(output).toMatch(/^begin\n[^]*characters left out[^]*end\n$/);
});

test('ends what takes too long, with all that it has started', async () => {
  const { output, timedOut } = await runCommand('sleep 300 & echo $!; trap "" TERM; wait', {
    ...options,
    timeoutMs: 300,
  });
  expect(timedOut).toBe(true);
  await expect.poll(() => isAlive(Number(output.trim())), { timeout: 8000 }).toBe(false);
});

test('ends at once when the turn is stopped', async () => {
  const stopped = new AbortController();
  const running = runCommand('sleep 300', { ...options, signal: stopped.signal });
  stopped.abort(new Error('stopped'));
  await expect(running).rejects.toThrow('stopped');
});

test('does not wait for what goes on in the background', async () => {
  const { output, ms } = await runCommand('sleep 300 & echo $!', options);
  expect(ms).toBeLessThan(10_000);
  await expect.poll(() => isAlive(Number(output.trim())), { timeout: 8000 }).toBe(false);
});
