import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { lookInside, sandboxOf, type Inside } from './inside.ts';
import { join, personFrom, type Person } from './people.ts';
import { waitFor } from './product.ts';

/** A new teammate with a ready sandbox in the product that the whole run shares. */
export type Scene = { person: Person; sandboxId: string; inside: Inside; url: string };

export async function openScene(name: string): Promise<Scene> {
  const email = `${name}-${randomBytes(3).toString('hex')}@example.com`;
  const { url, dataDir, admin } = inject('product');
  const inside = await lookInside(dataDir);
  const person = await join(url, personFrom(url, admin.email, admin.cookie), email);
  const sandboxId = await waitFor(
    async () => {
      const row = await sandboxOf(inside, email);
      if (row?.status === 'broken') throw new Error(`the sandbox is broken: ${row.error_message}`);
      return row?.status === 'ready' ? (row.sandbox_id ?? undefined) : undefined;
    },
    120_000,
    `the sandbox of ${email}`,
  );
  return { person, sandboxId, inside, url };
}
