import { useState } from 'react';
import { turnOf } from '../chat/message.ts';
import type { ChatState } from '../chat/state.ts';
import { cost, duration } from '../chat/time.ts';
import { notificationState, setNotifications } from '../page/notifications.ts';
import { useChatState, useNow } from './chat-context.tsx';
import { Icon } from './icons.tsx';

/** After so long a notification is offered. Milliseconds. */
const LONG_MS = 10_000;

function verbOf({ turn, workspace }: ChatState): string {
  if (!turn) return '';
  if (turn.stopping) return 'Stopping';
  if (turn.connection === 'reconnecting') return 'Reconnecting';
  if (turn.turnId === null)
    return workspace === 'asleep' || workspace === 'waking' ? 'Waking your workspace' : 'Sending';
  const data = turnOf(turn.message);
  if (data?.state === 'asking') return 'Waiting for your answer';
  return data?.verb || 'Working';
}

/** What the agent does, for how long, for how much. */
export function StatusLine() {
  const turn = useChatState((state) => state.turn);
  const verb = useChatState(verbOf);
  const now = useNow(turn !== null);
  const [asked, setAsked] = useState(notificationState);
  if (!turn) return null;
  const data = turnOf(turn.message);
  const elapsed = now - turn.since;
  return (
    <div className="status-line">
      <Icon name={data?.state === 'asking' ? 'question' : 'ring'} />
      <span className="verb">{verb}</span>
      <span className="meta">{duration(elapsed)}</span>
      {data?.costMicros ? <span className="meta">{cost(data.costMicros)}</span> : null}
      <span className="spring" />
      {elapsed > LONG_MS && asked === 'off' && (
        <button type="button" className="link" onClick={() => void setNotifications(true).then(setAsked)}>
          Notify me
        </button>
      )}
    </div>
  );
}
