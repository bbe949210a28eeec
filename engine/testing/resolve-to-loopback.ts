// Imported ahead of a program: names below box.test are this machine, as a wildcard record of DNS would have it.
import dns, { type LookupOptions } from 'node:dns';

const { lookup } = dns;
const toLoopback = (name: string, options: LookupOptions, callback: (...values: unknown[]) => void) => {
  if (!/(^|\.)box\.test$/.test(name)) return lookup(name, options, callback);
  if (options.all) return process.nextTick(callback, null, [{ address: '127.0.0.1', family: 4 }]);
  return process.nextTick(callback, null, '127.0.0.1', 4);
};
Object.assign(dns, { lookup: toLoopback });
