import { createApiKey, listApiKeys, revokeApiKey } from '../state/api-keys.ts';
import { CliError, UsageError, type Command } from './command.ts';
import { table } from './format.ts';

export const keys: Command = {
  name: 'keys',
  usage: 'create [--name <name>] | list [--json] | revoke <id>',
  summary: 'makes, lists and revokes API keys',
  help: [
    'create prints the key, this once: the engine keeps its hash alone. Every change counts at once, without a restart.',
    'A name says whose key it is: up to 64 letters, digits, spaces and any of . _ @ -',
  ],
  options: { name: { type: 'string' }, json: { type: 'boolean' } },
  async run({ place, args: [verb, id, ...more], flags }) {
    if (more.length > 0) throw new UsageError('too many arguments');
    if (verb === 'create' && id === undefined) {
      const name = typeof flags.name === 'string' ? flags.name : undefined;
      if (name !== undefined && !/^[\w .@-]{1,64}$/.test(name)) throw new UsageError('this is not a name for a key');
      console.log((await createApiKey(place.dataDir, { name })).key);
    } else if (verb === 'list' && id === undefined) {
      const stored = (await listApiKeys(place.dataDir)).map(({ hash: _hash, ...shown }) => shown);
      if (flags.json) return console.log(JSON.stringify(stored));
      const rows = stored.map((key) => [
        key.id,
        key.name ?? '-',
        key.createdAt,
        key.revokedAt === undefined ? 'valid' : `revoked ${key.revokedAt}`,
      ]);
      console.log(table(['ID', 'NAME', 'CREATED', 'STATE'], rows));
    } else if (verb === 'revoke' && id !== undefined) {
      if (!(await revokeApiKey(place.dataDir, id)))
        throw new CliError(`there is no key ${id}`, 'see: engine keys list');
      console.log(`${id} is revoked`);
    } else throw new UsageError('say what to do: create, list or revoke <id>');
  },
};
