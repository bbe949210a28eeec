import type { ReactNode, RefObject } from 'react';

import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { SecretLink } from '../ui/secret-link.tsx';
import type { Change, Outcome } from './use-change.ts';
import { useEscape } from './use-escape.ts';
import { useRoom } from './use-room.ts';

type OutcomeNoticeProps = {
  outcome: Outcome;
  ref: RefObject<HTMLDivElement | null>;
  /** What it is about. */
  row: RefObject<Element | null>;
  onUndo: (change: Change) => void;
  onClose: () => void;
};

/**
 * What came of the last change, with the way back. It is the last thing of the page and stays in sight at the window's edge:
 * one sees it wherever one clicked, and no row moves for it. The page does, where it would cover the row in use. Escape
 * closes it, but a link that is told only now, from inside of it alone.
 */
export function OutcomeNotice({ outcome, ref, row, onUndo, onClose }: OutcomeNoticeProps) {
  useEscape(({ target }) => {
    const inside = target instanceof Node && ref.current?.contains(target);
    if (inside || outcome.kind !== 'link') onClose();
  });
  useRoom({ notice: ref, row });
  const undo = outcome.kind === 'done' ? outcome.undo : null;
  const actions = (
    <div className="mt-2 flex flex-wrap gap-2">
      {undo ? <Button onClick={() => onUndo(undo)}>Undo</Button> : null}
      <Button look={undo ? 'quiet' : 'secondary'} onClick={onClose}>
        Close
      </Button>
    </div>
  );
  return (
    <div ref={ref} className="sticky bottom-4 z-10 rounded-card shadow-lg">
      {said(outcome, actions)}
    </div>
  );
}

function said(outcome: Outcome, actions: ReactNode) {
  switch (outcome.kind) {
    case 'link':
      return <SecretLink {...outcome}>{actions}</SecretLink>;
    case 'failed':
      return (
        <Notice tone="bad" title={outcome.error.message}>
          {outcome.error.next ? <p>{outcome.error.next}</p> : null}
          {actions}
        </Notice>
      );
    case 'done':
      return <Notice title={outcome.text}>{actions}</Notice>;
  }
}
