import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

/** Names under which a secret may travel in a logged object, at the top or one or two levels down. */
const SECRET_NAMES = [
  'apiKey',
  'api_key',
  'authSecret',
  'authorization',
  'cookie',
  'databaseUrl',
  'envs',
  'password',
  'plain',
  'secret',
  'token',
  'virtualKey',
  '["set-cookie"]',
  '["x-api-key"]',
  '["x-goog-api-key"]',
  '["proxy-authorization"]',
];

const below = (prefix: string, name: string) => (name.startsWith('[') ? `${prefix}${name}` : `${prefix}.${name}`);

/** JSON lines on stdout. `name` says which process writes. Secrets are replaced by the names of their fields. */
export function createLog(name: string, level = 'info', destination?: DestinationStream): Log {
  const options = {
    name,
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: SECRET_NAMES.flatMap((secret) => [secret, below('*', secret), below('*.*', secret)]),
      censor: '[secret]',
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Text that may hold a key, made fit for a log or an error: keys keep only their kind. */
export function maskKeys(text: string): string {
  return text
    .replace(/\bvk_[0-9a-f-]{36}_[0-9a-f]{32}\b/gi, 'vk_[secret]')
    .replace(/\b(sk-|e2b_|AIza)[\w-]{8,}/g, '$1[secret]')
    .replace(/(postgres(?:ql)?:\/\/[^:@/\s]+:)[^@/\s]+@/gi, '$1[secret]@');
}
