import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from './config.ts';

const valid = { ENGINE_DATA_DIR: '/data', ENGINE_INSTANCE: 'ab12' };

describe('loadConfig', () => {
  it('fills in defaults', () => {
    expect(loadConfig(valid)).toMatchObject({
      dataDir: '/data',
      runDir: '/run/shmastra-ab12',
      imageCacheDir: '/data/images',
      host: '127.0.0.1',
      subnet: '10.213.0.0/16',
      domain: 'sandbox.localhost',
      hostAllow: [],
    });
  });

  it('reads lists and takes an empty variable for a missing one', () => {
    const config = loadConfig({
      ...valid,
      ENGINE_HOST_ALLOW: '10.213.0.1:3001, 10.213.0.1:53',
      ENGINE_EGRESS_ALLOW: 'a.example,',
      ENGINE_DOMAIN: '',
    });
    expect(config.hostAllow).toEqual(['10.213.0.1:3001', '10.213.0.1:53']);
    expect(config.egressAllow).toEqual(['a.example']);
    expect(config.domain).toBe('sandbox.localhost');
  });

  it('names every wrong setting at once', () => {
    const load = () =>
      loadConfig({
        ENGINE_INSTANCE: 'TOO-LONG',
        ENGINE_SUBNET: '10.0.0.0/8',
        ENGINE_HOST_ALLOW: 'host',
        ENGINE_PORT: 'x',
      });
    expect(load).toThrow(ConfigError);
    for (const name of ['ENGINE_DATA_DIR', 'ENGINE_INSTANCE', 'ENGINE_SUBNET', 'ENGINE_HOST_ALLOW', 'ENGINE_PORT']) {
      expect(load).toThrow(name);
    }
  });

  it.each(['10.213.0.1/16', '10.213.0.0/30', 'fd00::/64', '10.213.0.0'])('refuses %s as a subnet', (subnet) => {
    expect(() => loadConfig({ ...valid, ENGINE_SUBNET: subnet })).toThrow('ENGINE_SUBNET');
  });
});

it('has each setting in .env.example and in docs/engine.md', async () => {
  const root = new URL('../', import.meta.url);
  const source = await readFile(new URL('engine/config.ts', root), 'utf8');
  const names = [...new Set([...source.matchAll(/^ {2}(ENGINE_[A-Z_]+|LOG_LEVEL):/gm)].map((match) => match[1] ?? ''))];
  expect(names.length).toBeGreaterThan(25);
  const page = await readFile(new URL('docs/engine.md', root), 'utf8');
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  // Those are `npm start`'s to decide.
  const own = ['ENGINE_DATA_DIR', 'ENGINE_PORT', 'ENGINE_HOST', 'ENGINE_INSTANCE'];
  const example = await readFile(new URL('.env.example', root), 'utf8');
  expect(names.filter((name) => !own.includes(name) && !new RegExp(`^${name}=`, 'm').test(example))).toEqual([]);
});
