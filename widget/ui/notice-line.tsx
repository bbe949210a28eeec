import type { Notice } from '../api/parts.ts';
import { duration, secondsUntil } from '../chat/time.ts';
import { useChat, useChatState, useNow } from './chat-context.tsx';
import { Button } from './button.tsx';
import { Icon, type IconName } from './icons.tsx';

const ICONS: Record<Notice['kind'], IconName> = {
  provider: 'cloud',
  rate_limit: 'hourglass',
  budget: 'warning',
  limit: 'warning',
  stopped: 'stop',
  resumed: 'arrows',
  error: 'octagon',
};
const TONES: Record<Notice['kind'], 'muted' | 'warn' | 'bad'> = {
  provider: 'bad',
  rate_limit: 'warn',
  budget: 'warn',
  limit: 'warn',
  stopped: 'muted',
  resumed: 'muted',
  error: 'bad',
};
const RETRIED = new Set<Notice['kind']>(['provider', 'error', 'rate_limit']);

/** What happened, what next, and one thing to do. Rate limits count down. */
export function NoticeLine({ notice }: { notice: Notice }) {
  const chat = useChat();
  const busy = useChatState((state) => state.turn !== null);
  const lastAnswer = useChatState((state) => state.messages.findLast((message) => message.role === 'assistant'));
  const waits = notice.retryAt !== undefined;
  const now = useNow(waits);
  const seconds = waits ? secondsUntil(notice.retryAt ?? '', now) : 0;
  const isLast = lastAnswer?.parts.some(
    (part) => part.type === 'data-notice' && JSON.stringify(part['data']) === JSON.stringify(notice),
  );
  return (
    <div className="notice" data-tone={TONES[notice.kind]} role="note">
      <Icon name={ICONS[notice.kind]} />
      <p>
        {notice.message} {notice.next}
        {seconds > 0 && <span className="countdown"> Again in {duration(seconds * 1000)}.</span>}
      </p>
      {RETRIED.has(notice.kind) && !busy && isLast && (
        <Button disabled={seconds > 0} onClick={() => lastAnswer && chat.retry(lastAnswer.id)}>
          Retry
        </Button>
      )}
    </div>
  );
}
