// Runs a program to its end. Its output is kept (bounded) for the message when it fails, and handed on line by line.
import { spawn } from 'node:child_process';

const KEEP = 64 * 1024;

/**
 * Next declares NODE_ENV as always set, which no program but ours has to have.
 * @param {Record<string, string | undefined>} env
 */
export const processEnv = (env) => /** @type {NodeJS.ProcessEnv} */ (env);

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, uid?: number, gid?: number, input?: string, signal?: AbortSignal,
 *   onLine?: (line: string) => void }} [options]
 * @returns {Promise<{ code: number, output: string, stdout: string }>} `code` is 127 when the program does not exist.
 */
export function run(command, args, { onLine, input, env, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      ...options,
      env: processEnv(env ?? process.env),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let output = '';
    let stdout = '';
    /** @param {string} text */
    const keep = (text) => {
      output = (output + text).slice(-KEEP);
      const last = onLine && text.split(/[\r\n]+/).findLast((line) => line.trim());
      if (last) onLine?.(last);
    };
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      stdout = (stdout + text).slice(-KEEP);
      keep(text);
    });
    child.stderr.setEncoding('utf8').on('data', keep);
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('error', (error) => resolve({ code: 127, output: error.message, stdout: '' }));
    child.on('close', (code) => resolve({ code: code ?? 1, output, stdout }));
  });
}
