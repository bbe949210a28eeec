import { Icon } from './icons.tsx';

export function Reasoning({ text, streaming }: { text: string; streaming: boolean }) {
  return (
    <details className="tool reasoning">
      <summary className="tool-row">
        <Icon name={streaming ? 'ring' : 'spark'} />
        <span className="verb">{streaming ? 'Thinking' : 'Thought'}</span>
        <span className="object">{text.split('\n').findLast((line) => line.trim() !== '')}</span>
        <Icon name="down" size={12} />
      </summary>
      <p className="reasoning-text">{text}</p>
    </details>
  );
}
