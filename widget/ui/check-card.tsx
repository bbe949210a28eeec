import type { Check } from '../api/parts.ts';
import type { SourceError } from '../api/shapes.ts';
import { checkFailed, shownStages, type ShownStage } from '../chat/check.ts';
import { shortDuration } from '../chat/time.ts';
import { useChat } from './chat-context.tsx';
import { Icon, type IconName } from './icons.tsx';

const NAMES = { bundle: 'Bundle', types: 'Types', import: 'Import' };
const ICONS: Record<ShownStage['state'], IconName> = {
  running: 'ring',
  ok: 'check',
  failed: 'close',
  skipped: 'skip',
  stopped: 'skip',
};
const WORDS = { running: 'running', ok: 'passed', failed: 'failed', skipped: 'skipped', stopped: 'not finished' };
/** States in which a stage has taken a time that says something. */
const TIMED = new Set<ShownStage['state']>(['ok', 'failed']);
const MAX_ERRORS = 10;

/** Bundle, types, import: what stands between an edit and going live. */
export function CheckCard({ check, turnRuns }: { check: Check; turnRuns: boolean }) {
  const errors = check.stages.flatMap((stage) => stage.errors);
  const stages = shownStages(check, turnRuns);
  const failed = checkFailed(check, stages);
  return (
    <article className="card check-card" aria-label="Check" data-failed={failed || undefined}>
      <ul className="stages">
        {stages.map((stage) => (
          <li key={stage.stage} data-state={stage.state}>
            <Icon name={ICONS[stage.state]} />
            {NAMES[stage.stage]}
            <span className="hidden">{WORDS[stage.state]}</span>
            {stage.ms != null && TIMED.has(stage.state) && <span className="meta">{shortDuration(stage.ms)}</span>}
          </li>
        ))}
      </ul>
      {errors.length > 0 && (
        <ul className="errors">
          {errors.slice(0, MAX_ERRORS).map((error, index) => (
            <li key={index}>
              <Place error={error} />
              <span className="error-text">{error.message}</span>
            </li>
          ))}
          {errors.length > MAX_ERRORS && <li className="meta">and {errors.length - MAX_ERRORS} more</li>}
        </ul>
      )}
      {failed && <p className="foot">The last good version is still live.</p>}
    </article>
  );
}

/** `hello.ts:12`, which opens the change to that file. */
function Place({ error }: { error: SourceError }) {
  const chat = useChat();
  const { file, line } = error;
  if (file === undefined) return null;
  const name = `${file.split('/').at(-1) ?? file}${line === undefined ? '' : `:${line}`}`;
  return (
    <button
      type="button"
      className="link mono"
      title={file}
      onClick={() => chat.setView({ name: 'history', hash: 'changes', file, ...(line === undefined ? {} : { line }) })}
    >
      {name}
    </button>
  );
}
