import { expect, test } from 'vitest';
import { loadSettings } from '../lib/settings.ts';
import { processEnv } from '../scripts/bootstrap/run.mjs';
import { type Box, boxSettings } from './box.ts';
import { controlPlaneEnvironment, demoModelEnvironment, engineEnvironment } from './environment.ts';
import { welcome } from './welcome.ts';

const secrets = {
  version: 1 as const,
  authSecret: 'a'.repeat(64),
  databaseAdminPassword: 'admin-password-of-the-box',
  databasePassword: 'password-of-the-box',
  deploymentId: 'deployment',
  instance: 'abcde',
  subnet: '10.99.0.0/16',
  engineKey: null,
  ports: { postgres: 5001, engine: 5002, demoModel: 5003, control: 5004 },
};

function box(env: Record<string, string>): Box {
  const user = { uid: 999, gid: 999 };
  const postgres = { folder: '/data/postgres', binaries: '/bin', port: 5001, user, secrets };
  return {
    ...{ env, ...boxSettings(env), secrets, user, postgres },
    ...{ root: '/root/box', app: '/run/app', dataDir: '/root/data', data: '/run/data', node: '/run/app/bin/node' },
    ...{ logs: '/root/data/logs', records: '/root/data/processes', sockets: '/run/sockets' },
  };
}

test('the control plane gets settings that its own check accepts', () => {
  const settings = loadSettings(processEnv(controlPlaneEnvironment(box({ PATH: '/usr/bin' }), 'e2b_00')));
  expect(settings).toMatchObject({
    publicUrl: 'http://localhost:3000',
    sandboxControlUrl: 'http://10.99.0.1:5004',
    controlListen: { host: '10.99.0.1', port: 5004 },
    sandboxUpstream: 'http://127.0.0.1:5002',
    webSocket: '/run/sockets/web.sock',
  });
});

test("a person's settings pass, those of a cloud deployment do not, nor does the rest of the environment", () => {
  const given = {
    ...{ PORT: '4000', SANDBOX_IDLE_SECONDS: '60', OPENAI_API_KEY: 'sk-1', AUTH_SECRET: 'b'.repeat(40) },
    GATEWAY_CHECKS_SECRET: 'c'.repeat(40),
    ...{
      DATABASE_URL: 'postgres://elsewhere',
      E2B_API_KEY: 'e2b_ff',
      AWS_SECRET_ACCESS_KEY: 'x',
      NODE_OPTIONS: '--inspect',
    },
  };
  const env = controlPlaneEnvironment(box(given), 'e2b_00');
  expect(env).toMatchObject({
    PORT: '4000',
    SANDBOX_IDLE_SECONDS: '60',
    OPENAI_API_KEY: 'sk-1',
    E2B_API_KEY: 'e2b_00',
  });
  expect(env['AUTH_SECRET']).toBe('b'.repeat(40));
  expect(env['GATEWAY_CHECKS_SECRET']).toBe('c'.repeat(40));
  expect(env['DATABASE_URL']).toBe('postgres://shmastra:password-of-the-box@127.0.0.1:5001/shmastra');
  expect(env).not.toHaveProperty('AWS_SECRET_ACCESS_KEY');
  expect(env).not.toHaveProperty('NODE_OPTIONS');
});

test('the engine and the demo model get no secret of the control plane', () => {
  const given = { OPENAI_API_KEY: 'sk-1', ENGINE_SUBNET: '172.30.0.0/16', ENGINE_HOST_ALLOW: '10.0.0.5:443' };
  const engine = engineEnvironment(box(given));
  expect(engine).toMatchObject({ ENGINE_SUBNET: '172.30.0.0/16', ENGINE_HOST_ALLOW: '172.30.0.1:5004,10.0.0.5:443' });
  const texts = JSON.stringify([engine, demoModelEnvironment(box(given))]);
  for (const secret of ['sk-1', secrets.authSecret, secrets.databasePassword]) expect(texts).not.toContain(secret);
});

test('a wrong PORT is refused', () => {
  for (const port of ['0', 'abc', '70000', '3000.5'])
    expect(() => boxSettings({ PORT: port })).toThrow(`PORT is ${port}`);
});

test('the welcome names the set-up URL while there is no admin, and the demo model while keys are missing', () => {
  const first = welcome(box({ OPENAI_API_KEY: 'sk-1' }), 'http://localhost:3000/setup?token=t', '12 s');
  expect(first).toContain('/setup?token=t');
  expect(first).toContain('scripted answers for Anthropic, Google');
  const keys = { OPENAI_API_KEY: '1', ANTHROPIC_API_KEY: '1', GOOGLE_GENERATIVE_AI_API_KEY: '1' };
  const later = welcome(box(keys), null, '3 s');
  expect(later).not.toContain('setup');
  expect(later).not.toContain('Demo model');
});
