import { randomInt } from 'node:crypto';
import { StartError } from '../scripts/bootstrap/failure.mjs';
import { run } from '../scripts/bootstrap/run.mjs';

type Range = { start: number; end: number };

const ATTEMPTS = 200;

function toNumber(address: string): number {
  return address.split('.').reduce((value, part) => value * 256 + Number(part), 0);
}

/** The addresses of `10.1.0.0/16` or of a single `10.1.0.1`; null for what is not IPv4. */
export function parseRange(cidr: string): Range | null {
  const match = /^(\d+\.\d+\.\d+\.\d+)(?:\/(\d+))?$/.exec(cidr);
  if (!match?.[1]) return null;
  const size = 2 ** (32 - Number(match[2] ?? 32));
  const start = Math.floor(toNumber(match[1]) / size) * size;
  return { start, end: start + size - 1 };
}

/** A /20 of 10.64.0.0 and above that overlaps none of these ranges: room for 4,000 sandboxes, seldom in anybody's way. */
export function pickSubnet(taken: string[], random: (below: number) => number = (below) => randomInt(below)): string {
  const ranges = taken.map(parseRange).filter((range) => range !== null);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const cidr = `10.${64 + random(192)}.${16 * random(16)}.0/20`;
    const own = parseRange(cidr);
    if (own && !ranges.some((range) => range.start <= own.end && own.start <= range.end)) return cidr;
  }
  throw new StartError('No free /20 network was found in 10.64.0.0 to 10.255.255.255 for the sandboxes.', {
    why: `this machine's routes already cover them`,
    next: 'set ENGINE_SUBNET to a private network that is not used here, for example 172.30.0.0/20',
  });
}

/** Every network that this machine has an address in or a route to. */
export async function takenRanges(): Promise<string[]> {
  const { stdout } = await run('ip', ['-4', '-o', 'route', 'show', 'table', 'all']);
  return stdout
    .split('\n')
    .map(
      (line) =>
        line
          .trim()
          .replace(/^(broadcast|local|unreachable|blackhole|prohibit|unicast) /, '')
          .split(' ')[0],
    )
    .filter((destination) => destination !== undefined && parseRange(destination) !== null)
    .map(String);
}

/** The first address of the network: the engine's end of every sandbox's link. */
export function gatewayOf(cidr: string): string {
  const range = parseRange(cidr);
  if (!range)
    throw new StartError(`ENGINE_SUBNET ${cidr} is not an IPv4 network.`, { next: 'write it as 10.213.0.0/16' });
  const address = range.start + 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
