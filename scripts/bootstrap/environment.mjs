// The settings as a person gives them: the environment, then what `.env` adds. `.env` never overrides.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import util from 'node:util';
import { StartError } from './failure.mjs';

/**
 * @param {string} root The checkout.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Record<string, string>} Empty values count as not set, so that a copied `.env.example` changes nothing.
 */
export function readEnvironment(root, env = process.env) {
  let text = '';
  try {
    text = readFileSync(path.join(root, '.env'), 'utf8');
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    if (code !== 'ENOENT') {
      throw new StartError('The file .env could not be read.', { why: String(error), next: 'make it readable' });
    }
  }
  const merged = { ...util.parseEnv(text), ...env };
  /** @type {Record<string, string>} */
  const set = {};
  for (const [name, value] of Object.entries(merged)) if (value) set[name] = value;
  return set;
}

/** DATA_DIR as an absolute path. @param {string} root @param {Record<string, string>} env */
export const dataDirectory = (root, env) => path.resolve(root, env['DATA_DIR'] ?? '.data');
