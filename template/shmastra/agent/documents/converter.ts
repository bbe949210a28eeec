import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { ApiError } from '../errors.ts';
import type { DocumentFormat } from './file-kind.ts';

const TIMEOUT_MS = 30_000;
const MEMORY_MB = 512;
const WATCH_MS = 100;
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;
/** Pages of memory in /proc. */
const PAGE_BYTES = 4096;

export const formatSchema = z.enum(['pdf', 'docx', 'html']);

const answer = z.union([
  z.object({ text: z.string(), note: z.optional(z.string()) }),
  z.object({ failed: z.enum(['password', 'unreadable']) }),
]);

export type ConverterLimits = { timeoutMs?: number; memoryMb?: number };

/**
 * Turns a document into text, in a process that may neither write, start others, nor take more than its share of time
 * and memory: a small file can unpack to any size. Throws `attachment_unreadable`.
 */
export async function convertDocument(
  format: DocumentFormat,
  file: string,
  { timeoutMs = TIMEOUT_MS, memoryMb = MEMORY_MB }: ConverterLimits = {},
): Promise<{ text: string; note?: string }> {
  const ended = await run([format, file], timeoutMs, memoryMb);
  if (ended.stopped !== undefined) throw unreadable(`It ${ended.stopped}.`);
  const parsed = answer.safeParse(parseJson(ended.output));
  if (!parsed.success) throw unreadable('It is damaged, or made to be hard to read.');
  if ('failed' in parsed.data) {
    throw unreadable(parsed.data.failed === 'password' ? 'It is protected by a password.' : 'It is damaged.');
  }
  const { text, note } = parsed.data;
  return { text, ...(note === undefined ? {} : { note }) };
}

export function unreadable(why: string, next = 'Attach it as plain text, or as a PDF with text in it.'): ApiError {
  return new ApiError(415, 'attachment_unreadable', `This file could not be read. ${why}`, { next });
}

type Ended = { output: string; stopped?: string };

function run(args: string[], timeoutMs: number, memoryMb: number): Promise<Ended> {
  const node = [`--max-old-space-size=${Math.round(memoryMb / 2)}`, '--disable-warning=ExperimentalWarning'];
  const rights = ['--permission', '--allow-fs-read=*'];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...node, ...rights, entry(), ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
      // Nothing of this workspace's environment: there is nothing in it that a document needs.
      env: { PATH: process.env.PATH },
    });
    let stopped: string | undefined;
    const stop = (reason: string) => {
      stopped ??= reason;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => stop(`takes longer than ${timeoutMs / 1000} s to read`), timeoutMs);
    // The heap's bound leaves out what libraries hold beside it.
    const watch = setInterval(() => {
      void residentBytes(child.pid).then((bytes) => {
        if (bytes > memoryMb * 1024 * 1024) stop('takes too much memory to read');
      });
    }, WATCH_MS);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > MAX_OUTPUT_BYTES) stop('holds too much text');
    });
    const settle = () => {
      clearTimeout(timer);
      clearInterval(watch);
    };
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('close', () => {
      settle();
      resolve({ output, ...(stopped === undefined ? {} : { stopped }) });
    });
  });
}

async function residentBytes(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
  return Number(text.split(' ')[1] ?? 0) * PAGE_BYTES;
}

/** As a source beside this one, or built: then this code is part of agent/main.js. */
function entry(): string {
  const own = fileURLToPath(import.meta.url);
  const beside = join(import.meta.dirname, `converter-process${extname(own)}`);
  return existsSync(beside) ? beside : join(import.meta.dirname, 'documents', `converter-process${extname(own)}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
