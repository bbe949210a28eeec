import { useState } from 'react';
import { planOf } from '../chat/message.ts';
import { useChatState } from './chat-context.tsx';
import { Icon, type IconName } from './icons.tsx';

const ICONS: Record<'todo' | 'doing' | 'done', IconName> = { todo: 'circle', doing: 'ring', done: 'disc' };
const WORDS = { todo: 'to do', doing: 'being done', done: 'done' };

/** The agent's checklist while a turn runs: "2 of 5". */
export function PlanCard() {
  const message = useChatState((state) => state.turn?.message ?? null);
  const plan = planOf(message);
  const [open, setOpen] = useState(true);
  if (!plan) return null;
  const done = plan.items.filter((item) => item.state === 'done').length;
  const current = plan.items.find((item) => item.state === 'doing');
  return (
    <section className="plan" aria-label="Plan">
      <button type="button" className="plan-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="plan" />
        <strong>
          {done} of {plan.items.length}
        </strong>
        <span className="object">{open ? 'Plan' : (current?.text ?? 'Plan')}</span>
        <span className="chevron">
          <Icon name="down" size={12} />
        </span>
      </button>
      {open && (
        <ol>
          {plan.items.map((item) => (
            <li key={item.id} data-state={item.state}>
              <Icon name={ICONS[item.state]} />
              <span>{item.text}</span>
              <span className="hidden">{WORDS[item.state]}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
