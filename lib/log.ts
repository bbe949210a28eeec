import { type DestinationStream, type Logger, pino } from 'pino';
import { loggable } from './log-secrets.ts';

export type Log = Logger;

/** Lines that come close together are written together: a write costs as much as a tenth of a model call. */
const TOGETHER = { bytes: 4096, ms: 50 };
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
  const log = pino(options, destination ?? standardOutput());
  // Formatters do not see what children are made with.
  const { child } = log;
  log.child = function (this: Log, bindings, more) {
    return child.call(this, loggable(bindings), more);
  } as typeof child;
  return log;
}

/** Also what is written just before the process ends comes out, unless it is killed. */
function standardOutput(): DestinationStream {
  const output = pino.destination({ dest: STDOUT, sync: false, minLength: TOGETHER.bytes });
  const write = output.write.bind(output);
  let timer: NodeJS.Timeout | undefined;
  output.write = (line) => {
    const isTaken = write(line);
    timer ??= setTimeout(() => {
      timer = undefined;
      // Without a callback: it would wait for the disk.
      output.flush();
    }, TOGETHER.ms).unref();
    return isTaken;
  };
  output.once('close', () => clearTimeout(timer));
  return output;
}

/** Text that may hold a key, made fit for a log or an error: keys keep only their kind. */
export function maskKeys(text: string): string {
  return text
    .replace(/\bvk_[0-9a-f-]{36}_[0-9a-f]{32}\b/gi, 'vk_[secret]')
    .replace(/\b(sk-|e2b_|AIza)[\w-]{8,}/g, '$1[secret]')
    .replace(/(postgres(?:ql)?:\/\/[^:@/\s]+:)[^@/\s]+@/gi, '$1[secret]@');
}
