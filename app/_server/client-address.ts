/** Where a request comes from, as the front wrote it. The front alone sets this header: a visitor's own is dropped. */
export function clientAddress(request: Request): string {
  return request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() || 'unknown';
}
