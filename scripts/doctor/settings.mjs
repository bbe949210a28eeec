// The settings, as far as they can be judged before anything is installed. `npm start` checks all of them.
import { statSync } from 'node:fs';
import path from 'node:path';
import { fail, ok, warn } from './finding.mjs';

/** @typedef {import('./finding.mjs').Machine} Machine */
/** @typedef {import('./finding.mjs').Finding} Finding */

const PROVIDERS = {
  OPENAI_API_KEY: 'OpenAI',
  ANTHROPIC_API_KEY: 'Anthropic',
  GOOGLE_GENERATIVE_AI_API_KEY: 'Google',
};

/** @param {Machine} machine @returns {Promise<Finding[]>} */
export async function settings({ env, root }) {
  /** @type {Finding[]} */
  const findings = [];
  const port = Number(env['PORT'] ?? 3000);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    findings.push(fail(`PORT is ${env['PORT']}`, 'it is no port', 'set it to a number from 1 to 65535'));
  }
  const url = env['PUBLIC_URL'];
  if (url && (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))) {
    findings.push(fail(`PUBLIC_URL is ${url}`, 'it is no web address', 'write it like https://studio.example.com'));
  }
  const host = env['HOST'] ?? '127.0.0.1';
  const local = /^(127\.|localhost$|::1$)/.test(host);
  const plain = /^(true|1|yes|on)$/i.test(env['ALLOW_PLAIN_HTTP'] ?? '');
  if (!local && !url?.startsWith('https://') && !plain) {
    findings.push(
      fail(
        `HOST is ${host}, which other machines can reach, and PUBLIC_URL is not https`,
        'passwords and sessions would cross the network in the clear',
        'put a reverse proxy with TLS before it and set PUBLIC_URL (docs/one-box.md), or ALLOW_PLAIN_HTTP=true on a network you trust',
      ),
    );
  }
  const file = path.join(root, '.env');
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if (mode & 0o044)
    findings.push(warn('.env can be read by other users', 'it may hold provider keys', `chmod 600 ${file}`));
  const missing = Object.entries(PROVIDERS).filter(([name]) => !env[name]);
  if (missing.length) {
    const names = missing.map(([, provider]) => provider).join(', ');
    const fix = `put ${missing.map(([name]) => name).join(', ')} into .env and start again`;
    findings.push(warn(`No key for ${names}`, 'the demo model gives scripted answers in their place', fix));
  }
  return findings.some(({ level }) => level === 'fail') ? findings : [ok('The settings fit together'), ...findings];
}
