import type { ReactNode } from 'react';

import { StatusIcon } from '../status/status-icon.tsx';
import { statusColour, type StatusKind } from '../status/status-language.ts';
import type { Viewer } from '../ui/header.tsx';
import { Shell } from '../ui/shell.tsx';

type MessagePageProps = {
  kind?: StatusKind;
  title: string;
  viewer?: Viewer | undefined;
  /** What happened, what is kept, what next. */
  children: ReactNode;
  actions?: ReactNode;
};

/** A page of its own for a state in which a person cannot go on: the reason, whom to ask, and the way out. */
export function MessagePage({ kind, title, viewer, children, actions }: MessagePageProps) {
  return (
    <Shell width="column" viewer={viewer}>
      <div className="space-y-3">
        <div className="flex items-center gap-3">
          {kind ? <StatusIcon kind={kind} className={`size-5 ${statusColour(kind)}`} /> : null}
          <h1 className="text-title font-semibold">{title}</h1>
        </div>
        <div className="space-y-2 text-muted">{children}</div>
        {actions ? <div className="flex flex-wrap gap-2 pt-3">{actions}</div> : null}
      </div>
    </Shell>
  );
}
