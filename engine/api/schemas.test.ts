import { describe, expect, it } from 'vitest';
import { parse } from './http.ts';
import { connectBody, createBody } from './schemas.ts';

const create = (body: object) => parse(createBody('v2'), { templateID: 'base', ...body });

describe('createBody', () => {
  it('has the defaults of its version', () => {
    expect(create({})).toMatchObject({
      timeoutSeconds: 300,
      onTimeout: 'kill',
      autoResume: false,
      allowInternetAccess: true,
    });
    expect(parse(createBody('v1'), { templateID: 'base' })).toMatchObject({ timeoutSeconds: 15 });
    expect(parse(connectBody('v2'), {})).toEqual({ timeout: 300 });
  });
  it('resumes by itself when it was asked to, whatever made it pause', () => {
    expect(create({ autoPause: true, autoResume: { enabled: true } })).toMatchObject({
      onTimeout: 'pause',
      autoResume: true,
    });
    expect(create({ autoResume: { enabled: true } })).toMatchObject({ onTimeout: 'kill', autoResume: true });
  });
  it('is secure in its second version, and when the first asks for it', () => {
    const v1 = (body: object) => parse(createBody('v1'), { templateID: 'base', ...body });
    expect(create({})).not.toHaveProperty('secure');
    expect(v1({ secure: true })).not.toHaveProperty('secure');
    expect(v1({})).toMatchObject({ secure: false });
    expect(() => v1({ network: { allowPublicTraffic: false } })).toThrow(
      "You cannot create a sandbox without public access unless you enable secure envd access via 'secure' flag.",
    );
  });
  it.each([
    [{ timeout: 0 }, 'Timeout must be greater than 0'],
    [{ timeout: -1 }, 'Timeout must be greater than 0'],
    [{ timeout: 1e9 }, 'Timeout cannot be greater than 24 hours'],
    [{ autoPauseMemory: false }, 'autoPauseMemory=false only applies when autoPause is true.'],
    [{ autoPause: true, autoPauseMemory: false, autoResume: { enabled: true } }, /cannot be combined with autoResume/],
  ])('refuses %j in the words of E2B', (body, message) => {
    expect(() => create(body)).toThrow(message);
  });
  it.each([
    { timeout: '300' },
    { templateID: '' },
    { envVars: { 'A=B': '1' } },
    { envVars: { A: 'x'.repeat(70_000) } },
    { metadata: { a: 1 } },
    { volumeMounts: [{ name: 'v', path: '/v' }] },
    { network: { denyOut: '0.0.0.0/0' } },
    { network: { allowOut: ['x'.repeat(300)] } },
  ])('refuses %j', (body) => {
    expect(() => create(body)).toThrow(/^invalid request/);
  });
  it('takes empty forms of what it does not support', () => {
    expect(create({ volumeMounts: [], mcp: null, network: { rules: {} } })).toMatchObject({ templateID: 'base' });
  });
});
