// `npm run chaos`: kill -9 of each part while twenty workspaces are being set up. Ends with 0 when all twenty people have
// a ready workspace, exactly one sandbox each, and nothing is left on the machine after the stop.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findRemains } from '../engine/testing/remains.ts';
import { type Inside, lookInside } from './support/inside.ts';
import { makeFirstAdmin } from './support/first-admin.ts';
import { join, personFrom } from './support/people.ts';
import { killPart, PARTS } from './support/processes.ts';
import { removeDataDir, startProduct, temporaryDataDir, waitFor } from './support/product.ts';

const { values } = parseArgs({
  options: { people: { type: 'string', default: '20' }, json: { type: 'boolean', default: false } },
});
const people = Number(values.people);
const LIMIT_MS = 600_000;

type Row = { email: string; status: string | null; sandbox_id: string | null; error_message: string | null };

const dataDir = await temporaryDataDir();
const product = await startProduct({ dataDir, timeoutMs: LIMIT_MS });
try {
  const inside = await lookInside(dataDir);
  const { email, cookie } = await makeFirstAdmin(product.setupUrl ?? '');
  const admin = personFrom(product.url, email, cookie);
  const emails = Array.from({ length: people }, (_, index) => `person-${index + 1}@example.com`);
  for (const each of emails) await join(product.url, admin, each);
  const began = performance.now();
  const restarts: Record<string, number> = {};
  for (const [index, part] of PARTS.entries()) {
    // Each kill in the middle of the work: some are ready, most are not.
    await waitFor(
      async () => ((await readyCount(inside)) >= Math.min(people - 1, 1 + index * 2) ? true : undefined),
      LIMIT_MS,
      `progress before the kill of ${part}`,
    );
    const ready = await readyCount(inside);
    restarts[part] = await killPart(dataDir, part);
    console.log(`killed ${part} with ${ready} ready; it ran again after ${restarts[part]} ms`);
  }
  await waitFor(
    async () => ((await readyCount(inside).catch(() => 0)) === people + 1 ? true : undefined),
    LIMIT_MS,
    'ready for everybody',
  ).catch(async (error: unknown) => {
    console.log(await rows(inside));
    throw error;
  });
  const seconds = Math.round((performance.now() - began) / 1000);
  const found = await rows(inside);
  const ids = new Set(found.map((row) => row.sandbox_id));
  // The sweep of what a killed create left behind has its grace.
  const sandboxes = await waitFor(
    async () => {
      const states = await inside.states();
      return states.size === ids.size ? states : undefined;
    },
    180_000,
    'one sandbox each',
  );
  const strangers = [...sandboxes.keys()].filter((id) => !ids.has(id));
  const answers = await Promise.all(
    found.map(async (row) =>
      (await inside.connect(row.sandbox_id ?? '')).commands.run('cat /home/user/.template-version'),
    ),
  );
  const code = await product.stop();
  const remains = await findRemains(inside.secrets.instance, inside.secrets.subnet, path.join(dataDir, 'engine'));
  const result = {
    people: found.length,
    ready: found.filter((row) => row.status === 'ready').length,
    sandboxes: sandboxes.size,
    strangers: strangers.length,
    answering: answers.filter((answer) => answer.exitCode === 0).length,
    seconds,
    restartMs: restarts,
    stopCode: code,
    remains,
  };
  console.log(values.json ? JSON.stringify(result) : result);
  const ok = result.ready === people + 1 && ids.size === people + 1 && strangers.length === 0 && remains.length === 0;
  process.exitCode = ok ? 0 : 1;
} finally {
  await product.stop();
  await removeDataDir(dataDir);
}

async function rows(inside: Inside): Promise<Row[]> {
  return inside.query<Row>('select email, status, sandbox_id, error_message from user_sandboxes order by email');
}

async function readyCount(inside: Inside): Promise<number> {
  const found = await rows(inside).catch(() => []);
  const broken = found.find((row) => row.status === 'broken');
  if (broken) throw new Error(`${broken.email} is broken: ${broken.error_message}`);
  return found.filter((row) => row.status === 'ready').length;
}
