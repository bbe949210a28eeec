import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOutside, type Outside } from '../testing/host-network.ts';
import type { Sandbox } from './support/sdks.ts';
import { inCrossedSettings } from './support/settings.ts';
import { TEST_SERVER } from './support/test-server.ts';

/** Public addresses that this machine plays itself, in a network namespace. */
const [ONE, TWO] = ['45.7.1.1', '45.7.1.2'];

let outside: Outside;
beforeAll(async () => {
  outside = await createOutside('shmsdk');
  for (const address of [ONE, TWO]) await outside.add(address);
});
afterAll(() => outside?.remove());

inCrossedSettings('the network of a sandbox', ({ sdk, connection, create, urlOf }) => {
  const reached = async (sandbox: Sandbox) => {
    const probe = (address: string) =>
      `timeout 1 bash -c 'exec 3<>/dev/tcp/${address}/80 && read -u 3' && echo ${address}`;
    const { stdout } = await sandbox.commands.run(
      `${[ONE, TWO].map((address) => `(${probe(address)}) &`).join(' ')} wait`,
    );
    return stdout.trim().split('\n').filter(Boolean).sort();
  };

  it('reaches the outside unless it is told not to', async () => {
    const [open, closed] = await Promise.all([create(), create({ allowInternetAccess: false })]);
    expect(await reached(open)).toEqual([ONE, TWO]);
    expect(await reached(closed)).toEqual([]);
    expect((await closed.getInfo()).allowInternetAccess).toBe(false);
  });

  it('obeys lists of what is allowed and denied, and tells them', async () => {
    const network = { allowOut: [TWO], denyOut: [sdk.ALL_TRAFFIC] };
    const [listed, denied] = await Promise.all([create({ network }), create({ network: { denyOut: [ONE] } })]);
    expect(await reached(listed)).toEqual([TWO]);
    expect(await reached(denied)).toEqual([TWO]);
    expect((await listed.getInfo()).network).toMatchObject(network);
  });

  it('takes another policy while it runs, which replaces the one before', async () => {
    const sandbox = await create({ network: { denyOut: [ONE] } });
    await sandbox.updateNetwork({ denyOut: [TWO] });
    expect(await reached(sandbox)).toEqual([ONE]);
    await sdk.Sandbox.updateNetwork(sandbox.sandboxId, { allowInternetAccess: false }, connection);
    expect(await reached(sandbox)).toEqual([]);
    await sandbox.updateNetwork({});
    expect(await reached(sandbox)).toEqual([ONE, TWO]);
    await expect(sandbox.updateNetwork({ denyOut: ['nonsense/99'] })).rejects.toThrow(/400/);
  });

  it('shows servers the host name that was asked for', async () => {
    const sandbox = await create({ network: { maskRequestHost: 'masked.example:${PORT}' } });
    await sandbox.files.write('server.cjs', TEST_SERVER);
    await sandbox.commands.run('/.engine/node server.cjs 3000', { background: true });
    await expect.poll(async () => (await fetch(urlOf(sandbox, 3000))).status).toBe(200);
    const seen = await (await fetch(urlOf(sandbox, 3000))).json();
    expect(seen).toMatchObject({ headers: { host: 'masked.example:3000' } });
  });
});
