import type { ReactNode } from 'react';

type Tone = 'plain' | 'bad' | 'warn' | 'demo';

const edges: Record<Tone, string> = {
  plain: 'border-line',
  bad: 'border-bad',
  warn: 'border-warn',
  demo: 'border-demo',
};

/** A message in the region that it is about. Errors are announced at once, everything else politely. */
export function Notice({ tone = 'plain', title, children }: { tone?: Tone; title?: string; children?: ReactNode }) {
  return (
    <div
      role={tone === 'bad' ? 'alert' : 'status'}
      className={`space-y-1 rounded-card border ${edges[tone]} bg-panel px-4 py-3 wrap-anywhere`}
    >
      {title ? <p className="font-medium">{title}</p> : null}
      {children ? <div className="text-muted">{children}</div> : null}
    </div>
  );
}
