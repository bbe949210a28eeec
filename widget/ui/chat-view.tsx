import { useState, type DragEvent } from 'react';
import { Banner } from './banner.tsx';
import { BudgetNotice } from './budget-notice.tsx';
import { useChat, useChatState } from './chat-context.tsx';
import { Composer } from './composer.tsx';
import { Flash } from './flash.tsx';
import { PlanCard } from './plan-card.tsx';
import { Queue } from './queue.tsx';
import { StatusLine } from './status-line.tsx';
import { Thread } from './thread.tsx';

/** The conversation with all that stands above the composer. */
export function ChatView() {
  const chat = useChat();
  const spent = useChatState((state) => state.budgetSpent !== null);
  const [over, setOver] = useState(false);
  const carriesFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes('Files');
  return (
    <div
      className="chat-view"
      onDragOver={(event) => {
        if (!carriesFiles(event) || spent) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (event.currentTarget === event.target) setOver(false);
      }}
      onDrop={(event) => {
        if (!carriesFiles(event) || spent) return;
        event.preventDefault();
        setOver(false);
        chat.attach(event.dataTransfer.files);
      }}
    >
      <Thread />
      <div className="dock">
        <Banner />
        <PlanCard />
        <Queue />
        <StatusLine />
        <Flash />
        {spent ? <BudgetNotice /> : <Composer />}
      </div>
      {over && <div className="drop">Drop to attach</div>}
    </div>
  );
}
