/** IPv4 arithmetic on unsigned 32-bit numbers. */
export function parseIpv4(text: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return null;
  let value = 0;
  for (const part of match.slice(1)) {
    const octet = Number(part);
    if (octet > 255) return null;
    value = value * 256 + octet;
  }
  return value;
}

export function formatIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

export type Cidr = { base: number; prefix: number };

/** A bare address counts as /32. Null for anything else than IPv4, and when bits are set below the prefix. */
export function parseCidr(text: string): Cidr | null {
  const [address = '', prefixText = '32', ...rest] = text.split('/');
  const base = parseIpv4(address);
  if (base === null || rest.length > 0 || !/^\d{1,2}$/.test(prefixText)) return null;
  const prefix = Number(prefixText);
  if (prefix > 32 || base % 2 ** (32 - prefix) !== 0) return null;
  return { base, prefix };
}

/** False also for what is no IPv4 network or address. */
export function containsAddress(network: string, address: string): boolean {
  const cidr = parseCidr(network);
  const value = parseIpv4(address);
  return cidr !== null && value !== null && value - (value % 2 ** (32 - cidr.prefix)) === cidr.base;
}

/**
 * Hands out the addresses of a subnet. Index 1 is the gateway; sandboxes take 2 and up, the last one (broadcast by
 * convention) stays free.
 */
export class AddressPool {
  readonly gateway: string;
  readonly #cidr: Cidr;
  readonly #taken = new Set<number>();
  #next = 2;

  constructor(subnet: string) {
    const cidr = parseCidr(subnet);
    if (cidr === null) throw new Error(`not an IPv4 network: ${subnet}`);
    this.#cidr = cidr;
    this.gateway = formatIpv4(cidr.base + 1);
  }

  get size(): number {
    return 2 ** (32 - this.#cidr.prefix) - 3;
  }

  address(index: number): string {
    return formatIpv4(this.#cidr.base + index);
  }

  /** Round robin, so that an address is not used again at once. Null when all are taken. */
  take(): number | null {
    const last = this.size + 1;
    for (let tries = 0; tries < this.size; tries += 1) {
      const index = this.#next;
      this.#next = index >= last ? 2 : index + 1;
      if (!this.#taken.has(index)) {
        this.#taken.add(index);
        return index;
      }
    }
    return null;
  }

  /** False when somebody has it already or it is no sandbox's address. */
  reserve(index: number): boolean {
    if (index < 2 || index > this.size + 1 || this.#taken.has(index)) return false;
    this.#taken.add(index);
    return true;
  }

  release(index: number): void {
    this.#taken.delete(index);
  }
}
