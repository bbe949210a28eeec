import type { ReactNode } from 'react';

import { Notice } from '../ui/notice.tsx';

/**
 * Before a link for another account is used by who is signed in, as an admin does who only looks at the link they made: the
 * session that comes of it takes the place of theirs in this browser. `children` says what the link is for.
 */
export function SignedInAs({ email, children }: { email: string; children: ReactNode }) {
  return (
    <Notice tone="warn" title={`You are signed in as ${email}`}>
      <p>{children}</p>
      <p className="pt-1">
        <a href="/workspace" className="text-text underline underline-offset-2">
          Back to your workspace
        </a>
      </p>
    </Notice>
  );
}
