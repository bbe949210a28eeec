import { bannerOf, unsentOf, type BannerAction } from '../chat/banner.ts';
import { Button } from './button.tsx';
import { useChat, useChatState } from './chat-context.tsx';
import { Icon } from './icons.tsx';

/** State of the workspace and of the connection, above the composer. */
export function Banner() {
  const chat = useChat();
  const workspace = useChatState((state) => state.workspace);
  const online = useChatState((state) => state.online);
  const failure = useChatState((state) => state.failure);
  const reconnecting = useChatState((state) => state.turn?.connection === 'reconnecting');
  const elsewhere = useChatState((state) => state.elsewhere);
  const budget = useChatState((state) => state.budgetWarning);
  const unsent = useChatState(unsentOf);
  const facts = { workspace, online, failure, reconnecting, budget, unsent };
  const banner = bannerOf({ ...facts, elsewhere: elsewhere?.title ?? null });
  if (!banner) return null;
  const act = (does: BannerAction): void => {
    const here = encodeURIComponent(location.pathname + location.search);
    if (does === 'wake') void chat.wake();
    else if (does === 'open_chat') void (elsewhere && chat.openSession(elsewhere.sessionId));
    else if (does === 'retry') chat.reload();
    else if (does === 'reload') location.reload();
    else if (does === 'open_usage') location.assign('/usage');
    else
      location.assign(
        does === 'sign_in' ? `/sign-in?notice=signed_out&returnTo=${here}` : `/workspace?returnTo=${here}`,
      );
  };
  return (
    <output className="banner" data-tone={banner.tone}>
      <Icon name={banner.icon} />
      <p>{banner.text}</p>
      {banner.action && <Button onClick={() => banner.action && act(banner.action.does)}>{banner.action.label}</Button>}
    </output>
  );
}
