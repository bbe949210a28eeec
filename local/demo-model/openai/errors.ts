import type { DemoModelError } from '../errors.ts';

export function openaiErrorBody(error: DemoModelError): unknown {
  const type = error.status < 500 ? 'invalid_request_error' : 'server_error';
  return { error: { message: error.message, type, param: error.param, code: error.code } };
}
