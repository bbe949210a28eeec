'use client';

import type { ReactNode } from 'react';

import { CopyButton } from './copy-button.tsx';
import { inputClass } from './field.tsx';
import { isLocalAddress } from './local-address.ts';
import { Notice } from './notice.tsx';

/** A link that is shown this once, for the admin to send in whatever way the team uses. */
export function SecretLink({
  title,
  text,
  label,
  url,
  children,
}: {
  title: string;
  text: string;
  label: string;
  url: string;
  children?: ReactNode;
}) {
  return (
    <Notice title={title}>
      <p>{text}</p>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <input
          readOnly
          aria-label={label}
          value={url}
          onFocus={(event) => event.currentTarget.select()}
          className={`${inputClass} min-w-0 flex-1 basis-60 font-mono`}
        />
        <CopyButton text={url} label="Copy link" />
      </div>
      {isLocalAddress(url) ? <OnlyHere host={new URL(url).host} /> : null}
      {children}
    </Notice>
  );
}

function OnlyHere({ host }: { host: string }) {
  const code = 'font-mono whitespace-nowrap text-text';
  return (
    <p className="mt-2">
      It works on this machine alone, as <span className={code}>{host}</span> does. For people on other machines, set{' '}
      <code className={code}>PUBLIC_URL</code> in <code className={code}>.env</code> as{' '}
      <code className={code}>docs/one-box.md</code> says, and make the link anew.
    </p>
  );
}
