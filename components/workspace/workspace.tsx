'use client';

import { useEffect, useRef, useState } from 'react';

import { StatusIcon } from '../status/status-icon.tsx';
import { statusColour } from '../status/status-language.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Notice } from '../ui/notice.tsx';
import { detailsText, mailToAdmins } from './details.ts';
import { NotifyMe, notifyReady } from './notify-me.tsx';
import { StarterPrompts } from './starter-prompts.tsx';
import { promptOf, withPrompt } from './starter-target.ts';
import { StepList } from './step-list.tsx';
import { useOpenStudio } from './use-open-studio.ts';
import { useWake } from './use-wake.ts';
import { useWorkspace, type WorkspaceProps } from './use-workspace.ts';

type Props = WorkspaceProps & {
  /** Where in Studio the person wants to be. */
  target: string;
  email: string;
  /** Whom to write to. */
  admins: readonly string[];
  /** Admins look after it themselves. */
  isAdmin: boolean;
  firstVisit: boolean;
};

/** The waiting page: what is happening, since when, and what one can do; and it goes on by itself. */
export function Workspace({ target: asked, email, admins, isAdmin, firstVisit, ...source }: Props) {
  const [target, setTarget] = useState(asked);
  const { view, status, now } = useWorkspace(source);
  const wake = useWake(view.shouldWake);
  const stuck = useOpenStudio(view.shouldOpen, target);
  const problem = wake.problem ?? view.problem;
  useDocumentTitle(view.documentTitle);
  useNotification(status.status === 'ready');

  function choose(prompt: string | null) {
    const next = withPrompt(target, prompt);
    setTarget(next);
    // A reload, or this page in another tab, knows what was chosen.
    window.history.replaceState(null, '', `/workspace?returnTo=${encodeURIComponent(next)}`);
  }

  if (view.silent) return <p className="sr-only">Opening your workspace</p>;
  return (
    <div className="animate-appear space-y-6">
      <div className="space-y-2">
        <div className="flex items-center gap-3">
          <StatusIcon kind={view.kind} className={`size-5 ${view.stale ? 'text-muted' : statusColour(view.kind)}`} />
          <h1 className={`text-title font-semibold ${view.stale ? 'text-muted' : ''}`}>{view.heading}</h1>
          {view.elapsed ? (
            <span className="ml-auto shrink-0 text-muted tabular-nums" role="timer" aria-label="Elapsed time">
              {view.elapsed}
            </span>
          ) : null}
        </div>
        {view.lead ? (
          <p className="text-muted">
            {stuck ? 'Studio has sent you back here several times. Open it once more.' : view.lead}
          </p>
        ) : null}
        {view.stale ? <p className="text-warn">Reconnecting…</p> : null}
      </div>
      <output aria-live="polite" className="sr-only">
        {`${view.heading}. ${problem?.message ?? ''}`}
      </output>
      <StepList steps={view.steps} />
      {problem ? (
        <Notice tone={view.kind === 'broken' ? 'bad' : 'warn'} title={view.retry ?? problem.message}>
          {view.retry ? <p>{problem.message}</p> : null}
          {problem.next ? <p>{problem.next}</p> : null}
          <p className="mt-1 font-mono text-meta">{problem.code}</p>
        </Notice>
      ) : null}
      {stuck ? (
        <a href={target} className={buttonClass('primary')}>
          Open Studio
        </a>
      ) : null}
      {view.slow || view.needsHelp || wake.problem ? (
        <div className="flex flex-wrap gap-2">
          {wake.problem ? <Button onClick={wake.again}>Try again</Button> : null}
          {view.needsHelp ? <CopyButton text={detailsText(status, email, now)} label="Copy details" /> : null}
          {view.needsHelp && !isAdmin && admins.length > 0 ? (
            <a href={mailToAdmins(admins, detailsText(status, email, now))} className={buttonClass()}>
              E-mail an admin
            </a>
          ) : null}
          {view.needsHelp && isAdmin ? (
            <a href="/team" className={buttonClass()}>
              Open the team page
            </a>
          ) : null}
          {view.slow ? <NotifyMe /> : null}
        </div>
      ) : null}
      {firstVisit && status.status === 'provisioning' ? (
        <StarterPrompts chosen={promptOf(target)} onChoose={choose} />
      ) : null}
    </div>
  );
}

/** After each render: Next writes the page's own title once more while it hydrates. */
function useDocumentTitle(title: string) {
  useEffect(() => {
    const wanted = `${title} · Shmastra Cloud`;
    if (document.title !== wanted) document.title = wanted;
  });
}

/** Once, when it gets ready while nobody looks. */
function useNotification(ready: boolean) {
  const waited = useRef(false);
  const [told, setTold] = useState(false);
  useEffect(() => {
    if (!ready) waited.current = true;
    else if (waited.current && !told && document.visibilityState === 'hidden') {
      setTold(true);
      notifyReady();
    }
  }, [ready, told]);
}
