import { type DestinationStream, type Logger, pino } from 'pino';
import { loggable } from './log-secrets.ts';

export type Log = Logger;

const STDOUT = 1;

/** JSON lines on stdout. `name` says which process writes. Secrets are replaced by the names of their fields. */
export function createLog(name: string, level = 'info', destination?: DestinationStream): Log {
  const options = {
    name,
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: loggable },
    // The formatter has made objects of errors.
    serializers: { err: (error: unknown) => error },
  };
  const log = destination ? pino(options, destination) : pino(options);
  // Formatters do not see what children are made with.
  const { child } = log;
  log.child = function (this: Log, bindings, more) {
    return child.call(this, loggable(bindings), more);
  } as typeof child;
  return log;
}

/**
 * Standard output for a process that logs much: each line is written at once, in 20 us. Pino's own way hands each to
 * Node's thread pool, and to be told of its end costs the event loop more than the write. The reader of a pipe that
 * stands still holds the process up; a file does not.
 */
export function directOutput(): DestinationStream {
  return pino.destination({ dest: STDOUT, sync: true });
}

/** Text that may hold a key, made fit for a log or an error: keys keep only their kind. */
export function maskKeys(text: string): string {
  return text
    .replace(/\bvk_[0-9a-f-]{36}_[0-9a-f]{32}\b/gi, 'vk_[secret]')
    .replace(/\b(sk-|e2b_|AIza)[\w-]{8,}/g, '$1[secret]')
    .replace(/(postgres(?:ql)?:\/\/[^:@/\s]+:)[^@/\s]+@/gi, '$1[secret]@');
}
