import { StatusIcon } from './status-icon.tsx';
import { statusColour, statusWord, type Audience, type StatusKind } from './status-language.ts';

type StatusProps = {
  kind: StatusKind;
  audience?: Audience;
  /** Replaces the usual word, for example "Position 3 in queue". */
  word?: string;
};

/** The one way in which a state is shown: shape, colour and word. */
export function Status({ kind, audience = 'teammate', word }: StatusProps) {
  return (
    <span className="inline-flex items-center gap-2 align-top whitespace-nowrap">
      <StatusIcon kind={kind} className={statusColour(kind)} />
      <span>{word ?? statusWord(kind, audience)}</span>
    </span>
  );
}
