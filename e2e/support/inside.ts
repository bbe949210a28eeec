import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Sandbox } from 'e2b';
import pg from 'pg';
import { z } from 'zod';

const secretsSchema = z.object({
  databasePassword: z.string(),
  instance: z.string(),
  subnet: z.string(),
  engineKey: z.string(),
  ports: z.object({ postgres: z.number(), engine: z.number(), control: z.number() }),
});

export type Inside = Awaited<ReturnType<typeof lookInside>>;

/** What an operator of the machine has: the engine's key and the database, both from the data directory's secrets. */
export async function lookInside(dataDir: string) {
  const secrets = secretsSchema.parse(JSON.parse(await readFile(join(dataDir, 'secrets.json'), 'utf8')));
  const engineUrl = `http://127.0.0.1:${secrets.ports.engine}`;
  const engine = { apiKey: secrets.engineKey, apiUrl: engineUrl, sandboxUrl: engineUrl, domain: 'sandbox.localhost' };
  const databaseUrl = `postgres://shmastra:${secrets.databasePassword}@127.0.0.1:${secrets.ports.postgres}/shmastra`;
  return {
    secrets,
    engine,
    engineUrl,
    /** One query on a connection of its own, so that a restart of Postgres never meets an open one. */
    async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
      const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
      client.on('error', () => {});
      await client.connect();
      try {
        return (await client.query<Row>(text, values)).rows;
      } finally {
        await client.end();
      }
    },
    /** The sandbox of this person, through the official SDK. Resumes it when it is paused. */
    async connect(sandboxId: string): Promise<Sandbox> {
      return Sandbox.connect(sandboxId, engine);
    },
    async states(): Promise<Map<string, string>> {
      const pages = Sandbox.list({ ...engine, limit: 100, query: { state: ['running', 'paused'] } });
      const states = new Map<string, string>();
      while (pages.hasNext) for (const item of await pages.nextItems()) states.set(item.sandboxId, item.state);
      return states;
    },
  };
}

export type SandboxOfPerson = { sandbox_id: string | null; status: string; error_message: string | null };

export async function sandboxOf(inside: Inside, email: string): Promise<SandboxOfPerson | undefined> {
  const [row] = await inside.query<SandboxOfPerson>(
    'select sandbox_id, status, error_message from user_sandboxes where email = $1 and status is not null',
    [email],
  );
  return row;
}
