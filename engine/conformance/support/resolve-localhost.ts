import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

/*
 * Loaded with --import before the SDK: all names below .localhost are this machine (RFC 6761, 6.3), which Node leaves to
 * a C library that need not know it. A deployment would have a DNS entry instead. The SDK itself stays as it is.
 */

type Callback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

const resolve = dns.lookup;

function lookup(hostname: string, options: LookupOptions | number | Callback, callback?: Callback): void {
  const done = typeof options === 'function' ? options : callback;
  if (!hostname.endsWith('.localhost') || done === undefined) {
    Reflect.apply(resolve, dns, [hostname, options, callback]);
    return;
  }
  const all = typeof options === 'object' && options.all === true;
  process.nextTick(() => (all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)));
}

Object.assign(dns, { lookup });
syncBuiltinESMExports();
