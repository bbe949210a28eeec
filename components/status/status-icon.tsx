import type { ReactNode } from 'react';

import type { StatusKind } from './status-language.ts';

// 16 by 16, drawn in the current colour: forced colours and both themes need nothing more.
const shapes: Record<StatusKind, ReactNode> = {
  queued: <path d="M4 2h8M4 14h8M5 2c0 4 6 4.5 6 6s-6 2-6 6M11 2c0 4-6 4.5-6 6s6 2 6 6" />,
  provisioning: (
    <>
      <circle cx="8" cy="8" r="6" opacity="0.25" />
      <path d="M14 8a6 6 0 0 0-6-6" />
    </>
  ),
  ready: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" stroke="none" />
      <path d="m4.8 8.2 2.2 2.2 4.2-4.6" stroke="var(--bg)" strokeWidth="1.75" />
    </>
  ),
  healing: (
    <path d="M13.7 4.6a3.6 3.6 0 0 1-4.9 4.2l-4.6 4.6a1.4 1.4 0 0 1-2-2l4.6-4.6A3.6 3.6 0 0 1 11 2l-2 2 .4 2.2 2.2.4 2.1-2z" />
  ),
  broken: (
    <>
      <path d="M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2z" />
      <path d="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4" />
    </>
  ),
  paused: <path d="M5.5 3v10M10.5 3v10" strokeWidth="2.5" />,
  updating: <path d="M2 6.5h10.5L9.8 3.8M14 9.5H3.5l2.7 2.7" />,
  demo: <path d="M6.2 1.8v4L2.4 12.6a1.1 1.1 0 0 0 1 1.6h9.2a1.1 1.1 0 0 0 1-1.6L9.8 5.8v-4M5 1.8h6M4.4 9.8h7.2" />,
  disabled: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="m3.7 3.7 8.6 8.6" />
    </>
  ),
  invited: <path d="M1.8 3.5h12.4v9H1.8zM1.8 4l6.2 5 6.2-5" />,
};

export function StatusIcon({ kind, className = '' }: { kind: StatusKind; className?: string }) {
  const turns = kind === 'provisioning' ? 'animate-turn' : '';
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
      className={`size-4 shrink-0 ${turns} ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {shapes[kind]}
    </svg>
  );
}
