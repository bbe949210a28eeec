import type { ReactNode } from 'react';

import { Header, type Viewer } from './header.tsx';

type ShellProps = {
  /** The width of the content: 360 px for sign-in, 480 px for the workspace, more for tables. */
  width: 'narrow' | 'column' | 'wide';
  viewer?: Viewer;
  /** The page of the header's that this is. */
  at?: '/workspace' | '/usage' | '/team' | '/account';
  children: ReactNode;
};

const widths = { narrow: 'max-w-[22.5rem]', column: 'max-w-[30rem]', wide: 'max-w-[60rem]' };

/** Every page: the header, and one column of content that is where the eye expects it at any height. */
export function Shell({ width, viewer, at, children }: ShellProps) {
  const top = width === 'wide' ? 'pt-8' : 'pt-12 sm:pt-[14vh]';
  return (
    <div className="flex min-h-dvh flex-col">
      <Header viewer={viewer} at={at} />
      <main className={`mx-auto w-full flex-1 px-4 pb-12 ${top} ${widths[width]}`}>{children}</main>
    </div>
  );
}
