import { MessagePrimitive } from '@assistant-ui/react';
import { memo, useMemo } from 'react';
import type { ChatMessage } from '../api/shapes.ts';
import { layOut, type Block } from '../chat/layout.ts';
import { textOf, turnOf } from '../chat/message.ts';
import { cost } from '../chat/time.ts';
import { CheckCard } from './check-card.tsx';
import { CommitCard } from './commit-card.tsx';
import { CopyButton } from './copy-button.tsx';
import { DiffCard } from './diff-card.tsx';
import { EnvCard } from './env-card.tsx';
import { IconButton } from './button.tsx';
import { Markdown } from './markdown.tsx';
import { NoticeLine } from './notice-line.tsx';
import { QuestionCard } from './question-card.tsx';
import { Reasoning } from './reasoning.tsx';
import { ReadsRow, ToolRow } from './tool-row.tsx';
import { useChat, useChatState } from './chat-context.tsx';

/** An answer of the agent: text, what it did, and what came of it. */
export const Answer = memo(function Answer({ message, running }: { message: ChatMessage; running: boolean }) {
  const blocks = useMemo(() => layOut(message.parts), [message]);
  return (
    <MessagePrimitive.Root className="message answer" aria-busy={running}>
      {blocks.map((block) => (
        <BlockView key={block.key} block={block} running={running} />
      ))}
      {!running && blocks.length > 0 && <Foot message={message} />}
    </MessagePrimitive.Root>
  );
});

function BlockView({ block, running }: { block: Block; running: boolean }) {
  switch (block.kind) {
    case 'text':
      return <Markdown text={block.text} streaming={block.streaming && running} />;
    case 'reasoning':
      return <Reasoning text={block.text} streaming={block.streaming && running} />;
    case 'tool':
      return <ToolRow part={block.part} turnRuns={running} />;
    case 'reads':
      return <ReadsRow parts={block.parts} turnRuns={running} />;
    case 'diffs':
      return <DiffCard files={block.files} />;
    case 'check':
      return <CheckCard check={block.check} turnRuns={running} />;
    case 'commit':
      return <CommitCard commit={block.commit} />;
    case 'question':
      return <QuestionCard question={block.question} why={block.why} active={running} />;
    case 'env':
      return <EnvCard env={block.env} why={block.why} active={running} />;
    case 'notice':
      return <NoticeLine notice={block.notice} />;
  }
}

function Foot({ message }: { message: ChatMessage }) {
  const chat = useChat();
  const busy = useChatState((state) => state.turn !== null);
  const turn = turnOf(message);
  const text = textOf(message);
  const facts = [turn?.demo ? 'Demo model' : turn?.model, turn?.costMicros ? cost(turn.costMicros) : null].filter(
    Boolean,
  );
  return (
    <div className="message-actions">
      {text !== '' && <CopyButton text={text} label="Copy answer" />}
      {!busy && <IconButton icon="arrows" label="Retry" onClick={() => chat.retry(message.id)} />}
      {facts.length > 0 && <span className="meta">{facts.join(' · ')}</span>}
    </div>
  );
}
