import { NextResponse, type NextRequest } from 'next/server';

import { contentSecurityPolicy } from './app/content-security-policy.ts';

/** Gives each page a nonce of its own; Next reads it from the policy in the request's headers. */
export function proxy(request: NextRequest): NextResponse {
  const nonce = crypto.randomUUID().replaceAll('-', '');
  const policy = contentSecurityPolicy(nonce, { development: process.env.NODE_ENV === 'development' });
  const headers = new Headers(request.headers);
  headers.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  return response;
}

export const config = {
  // Pages only. The bodies of what passes here are buffered: no API, no file, nothing of Studio or of a sandbox.
  matcher: ['/((?!api/|studio/|_next/|icon\\.svg).*)'],
};
