import { useEffect, useState, type ReactNode } from 'react';
import type { ToolPart } from '../api/parts.ts';
import { readsTitle, toolName, toolObject, toolResult, toolState, toolWords, valueText } from '../chat/tools.ts';
import { shortDuration } from '../chat/time.ts';
import { Icon, type IconName } from './icons.tsx';

/** Opened and closed by the state until the person does it. */
function useOpen(wanted: boolean): [boolean, () => void] {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const open = chosen ?? wanted;
  return [open, () => setChosen(!open)];
}

/** How long a call took: as the agent says, else as seen here while it ran. */
function useDuration(part: ToolPart, running: boolean): number | null {
  const [seen, setSeen] = useState<number | null>(null);
  useEffect(() => {
    if (!running) return;
    const began = Date.now();
    return () => setSeen(Date.now() - began);
  }, [running]);
  const told = part.resultProviderMetadata?.shmastra?.ms;
  return told ?? (seen !== null && seen >= 50 ? seen : null);
}

export function ToolRow({ part, turnRuns }: { part: ToolPart; turnRuns: boolean }) {
  const name = toolName(part);
  const state = toolState(part);
  const running = state === 'running' && turnRuns;
  const words = toolWords(name);
  const took = useDuration(part, running);
  const [open, toggle] = useOpen(running || state === 'failed');
  const result = state === 'running' && !turnRuns ? 'Not finished' : toolResult(part);
  const input = name === 'run_command' ? '' : valueText(part.input);
  const output = part.errorText ?? valueText(part.output);
  return (
    <div className="tool" data-state={state} data-open={open || undefined}>
      <Summary open={open} onToggle={toggle} icon={running ? 'ring' : state === 'failed' ? 'warning' : words.icon}>
        <span className="verb">{running ? words.doing : words.did}</span>
        <span className="object mono" title={toolObject(part)}>
          <bdi>{toolObject(part)}</bdi>
        </span>
        {result && <span className="result">{result}</span>}
        {took !== null && <span className="meta">{shortDuration(took)}</span>}
      </Summary>
      {open && (input !== '' || output !== '') && (
        <div className="tool-body">
          {input !== '' && <Value label="Input" text={input} />}
          {output !== '' && <Value label={state === 'failed' ? 'Error' : 'Output'} text={output} />}
        </div>
      )}
    </div>
  );
}

export function ReadsRow({ parts, turnRuns }: { parts: ToolPart[]; turnRuns: boolean }) {
  const running = turnRuns && parts.some((part) => toolState(part) === 'running');
  const [open, toggle] = useOpen(false);
  return (
    <div className="tool" data-open={open || undefined}>
      <Summary open={open} onToggle={toggle} icon={running ? 'ring' : 'file'}>
        <span className="verb">{readsTitle(parts)}</span>
        <span className="object" />
      </Summary>
      {open && (
        <div className="tool-group">
          {parts.map((part) => (
            <ToolRow key={part.toolCallId} part={part} turnRuns={false} />
          ))}
        </div>
      )}
    </div>
  );
}

function Summary(props: { open: boolean; onToggle: () => void; icon: IconName; children: ReactNode }) {
  return (
    <button type="button" className="tool-row" aria-expanded={props.open} onClick={props.onToggle}>
      <Icon name={props.icon} />
      {props.children}
      <span className="chevron">
        <Icon name="down" size={12} />
      </span>
    </button>
  );
}

function Value({ label, text }: { label: string; text: string }) {
  return (
    <div className="value">
      <span className="meta">{label}</span>
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}
