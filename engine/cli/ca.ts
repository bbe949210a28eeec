import { readFile } from 'node:fs/promises';
import { authorityFile } from '../tls/certificate-store.ts';
import { CliError, type Command } from './command.ts';

export const ca: Command = {
  name: 'ca',
  usage: '[--path]',
  summary: 'prints the certificate that clients of the engine’s TLS listener have to trust',
  help: ['  --path  only where it is, for NODE_EXTRA_CA_CERTS or `curl --cacert`'],
  options: { path: { type: 'boolean' } },
  async run({ place, flags }) {
    const file = authorityFile(place.dataDir);
    const certificate = await readFile(file, 'utf8').catch(() => null);
    if (certificate === null) {
      throw new CliError('The engine has no certificate yet.', 'start it with ENGINE_TLS_PORT set');
    }
    console.log(flags.path ? file : certificate.trimEnd());
  },
};
