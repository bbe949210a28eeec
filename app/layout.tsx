import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';

import './globals.css';

// Every page is rendered per request: its inline scripts carry the nonce of that request's content security policy.
export const dynamic = 'force-dynamic';

export const metadata: Metadata = {
  title: { default: 'Shmastra Cloud', template: '%s · Shmastra Cloud' },
  description: 'Your own workspace for building AI agents.',
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  colorScheme: 'light dark',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#ffffff' },
    { media: '(prefers-color-scheme: dark)', color: '#0f0f0f' },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
