import { z } from 'zod';
import { isAddress, isSpecifiedAddress, ALL_TRAFFIC } from '../network/policy.ts';
import { ENVD_PORT } from '../sandboxes/machines.ts';
import { BadRequestError } from './errors.ts';

/** Entries of each list. Every packet of the sandbox is compared with them. */
const MAX_ENTRIES = 1000;
/** The longest name of DNS. */
const MAX_ENTRY = 253;

const entries = z.array(z.string().max(MAX_ENTRY)).max(MAX_ENTRIES).nullish();

const EgressFields = {
  allowOut: entries,
  denyOut: entries,
  rules: z.record(z.string(), z.array(z.object({ transform: z.unknown().optional() })).nullish()).nullish(),
  egressProxy: z.unknown().optional(),
};

/** `network` of create. */
export const networkBody = z
  .object({
    ...EgressFields,
    allowPublicTraffic: z.boolean().nullish(),
    maskRequestHost: z.string().max(1024).nullish(),
    httpsPorts: z.array(z.number()).max(MAX_ENTRIES).nullish(),
  })
  .transform(({ allowPublicTraffic, maskRequestHost, httpsPorts, ...egress }) => ({
    allowPublicTraffic: allowPublicTraffic ?? true,
    network: withoutUnset({
      ...checkEgress(egress, 'network.'),
      maskRequestHost: maskRequestHost ? checkMask(maskRequestHost) : undefined,
      httpsPorts: httpsPorts?.length ? checkPorts(httpsPorts) : undefined,
    }),
  }));

/** The body of `PUT /sandboxes/{sandboxID}/network`: what it leaves out is cleared. */
export const networkUpdateBody = z
  .object({ ...EgressFields, allow_internet_access: z.boolean().nullish() })
  .transform(({ allow_internet_access, ...egress }) => ({
    allowInternetAccess: allow_internet_access ?? true,
    egress: withoutUnset(checkEgress(egress, '')),
  }));

type Egress = z.infer<z.ZodObject<typeof EgressFields>>;

/** In E2B's words. @throws BadRequestError */
function checkEgress({ allowOut, denyOut, rules, egressProxy }: Egress, path: string) {
  const denied = denyOut?.find((entry) => !isSpecifiedAddress(entry));
  if (denied !== undefined) throw new BadRequestError(`invalid denied CIDR ${denied}`);
  const allowed = allowOut?.find((entry) => isAddress(entry) && !isSpecifiedAddress(entry));
  if (allowed !== undefined) throw new BadRequestError(`invalid allowed address ${allowed}`);
  if (allowOut?.some((entry) => !isAddress(entry)) && !denyOut?.includes(ALL_TRAFFIC)) {
    throw new BadRequestError(
      "When specifying allowed domains in allow out, you must include 'ALL_TRAFFIC' in deny out to block all other traffic.",
    );
  }
  const transforms = Object.values(rules ?? {}).flatMap((list) => list ?? []);
  if (transforms.some(({ transform }) => transform != null)) {
    throw new BadRequestError(
      `${path}rules: transform rules are not available: this engine does not decrypt the connections of sandboxes`,
    );
  }
  if (egressProxy != null) {
    throw new BadRequestError(`${path}egressProxy: an egress proxy is not available in this engine`);
  }
  return { allowOut: allowOut ?? undefined, denyOut: denyOut ?? undefined };
}

/** `host` or `host:port`; `${PORT}` may stand for the port. */
function checkMask(mask: string): string {
  const [hostname = '', port = '', ...rest] = mask.split(':');
  if (/[^\p{ASCII}]/u.test(hostname)) {
    throw new BadRequestError(`mask request host '${hostname}' is not ASCII. Please use ASCII characters only.`);
  }
  // It becomes a header as it is: what a header may not hold would let it write headers of its own.
  // Label by label: one expression for all of them can take for ever over a name made for that.
  const labels = hostname.length > 253 ? [] : hostname.replace(/\.$/, '').split('.');
  const isLabel = (label: string) => /^[a-z0-9_-]+$/i.test(label) && !label.startsWith('-') && !label.endsWith('-');
  if (labels.length > 0 && labels.every(isLabel) && /^(\d{1,5}|\$\{PORT\})?$/.test(port) && rest.length === 0)
    return mask;
  throw new BadRequestError(`mask request host is not valid: ${mask}`);
}

function checkPorts(ports: number[]): number[] {
  const wrong = ports.find((port) => !Number.isInteger(port) || port < 1 || port > 65_535 || port === ENVD_PORT);
  if (wrong === undefined) return [...new Set(ports)];
  throw new BadRequestError(
    wrong === ENVD_PORT
      ? `network.httpsPorts: the envd port ${ENVD_PORT} cannot be listed`
      : `network.httpsPorts: ${wrong} is not a port`,
  );
}

function withoutUnset<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
