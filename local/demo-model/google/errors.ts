import type { DemoModelError } from '../errors.ts';

const STATUS: Record<number, string> = {
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  500: 'INTERNAL',
};

export function googleErrorBody(error: DemoModelError): unknown {
  const { status: code, message, param } = error;
  const details =
    param === null
      ? []
      : [
          {
            '@type': 'type.googleapis.com/google.rpc.BadRequest',
            fieldViolations: [{ field: param, description: message }],
          },
        ];
  return { error: { code, message, status: STATUS[code] ?? 'INVALID_ARGUMENT', details } };
}
