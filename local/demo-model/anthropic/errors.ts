import type { DemoModelError } from '../errors.ts';

const TYPE: Record<number, string> = {
  404: 'not_found_error',
  413: 'request_too_large',
  500: 'api_error',
};

export function anthropicErrorBody(error: DemoModelError, requestId: string): unknown {
  const type = TYPE[error.status] ?? 'invalid_request_error';
  return { type: 'error', error: { type, message: error.message }, request_id: requestId };
}
