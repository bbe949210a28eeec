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
  it('resumes by itself only when it pauses and was asked to', () => {
    expect(create({ autoPause: true, autoResume: { enabled: true } })).toMatchObject({
      onTimeout: 'pause',
      autoResume: true,
    });
    expect(create({ autoResume: { enabled: true } })).toMatchObject({ onTimeout: 'kill', autoResume: false });
  });
  it.each([
    { timeout: 0 },
    { timeout: -1 },
    { timeout: 1e9 },
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
