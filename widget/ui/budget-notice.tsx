import { Button } from './button.tsx';
import { useChat, useChatState } from './chat-context.tsx';
import { Icon } from './icons.tsx';

/** In place of the composer: nothing can be asked, everything made stays usable. */
export function BudgetNotice() {
  const chat = useChat();
  const message = useChatState((state) => state.budgetSpent);
  return (
    <section className="budget" aria-label="Budget">
      <p>
        <Icon name="warning" />
        {message}
      </p>
      <p className="meta">Your agents and apps keep running as they are. History, undo and export still work.</p>
      <div className="actions">
        <Button icon="history" onClick={() => chat.setView({ name: 'history', hash: null })}>
          History
        </Button>
        <Button icon="download" onClick={() => void chat.exportProject('zip')}>
          Export
        </Button>
        <Button look="quiet" onClick={chat.tryBudgetAgain}>
          Try again
        </Button>
      </div>
    </section>
  );
}
