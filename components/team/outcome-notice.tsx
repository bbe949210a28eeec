import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { SecretLink } from '../ui/secret-link.tsx';
import type { Change, Outcome } from './use-change.ts';

/** What came of the last change, with the way back. */
export function OutcomeNotice({ outcome, onUndo }: { outcome: Outcome; onUndo: (change: Change) => void }) {
  if (outcome.kind === 'failed') {
    return (
      <Notice tone="bad" title={outcome.error.message}>
        {outcome.error.next ? <p>{outcome.error.next}</p> : null}
      </Notice>
    );
  }
  if (outcome.kind === 'link') return <SecretLink {...outcome} />;
  const { undo } = outcome;
  return (
    <Notice>
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-0 flex-1 basis-64 text-text">{outcome.text}</p>
        {undo ? <Button onClick={() => onUndo(undo)}>Undo</Button> : null}
      </div>
    </Notice>
  );
}
