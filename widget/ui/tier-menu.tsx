import { Menu } from '@base-ui/react/menu';
import { tierSchema } from '../api/shapes.ts';
import { useChat, useChatState, usePortal } from './chat-context.tsx';
import { Icon } from './icons.tsx';

/** The page that says how a real model comes to answer. */
export const KEYS_HELP = '/help/provider-keys';

/** Which model answers, as a chip; demo is said by shape, colour and word. */
export function TierMenu() {
  const portal = usePortal();
  const info = useChatState((state) => state.info);
  const tier = useChatState((state) => state.tier);
  if (!info) return null;
  const current = info.tiers.find((other) => other.id === tier);
  return (
    <Menu.Root>
      <Menu.Trigger className="chip wide-only" data-demo={info.demo || undefined} title={current?.model ?? undefined}>
        <Icon name={info.demo ? 'flask' : 'spark'} size={12} />
        {info.demo ? 'Demo model' : (current?.label ?? 'Model')}
        <Icon name="down" size={12} />
      </Menu.Trigger>
      <Menu.Portal container={portal}>
        <Menu.Positioner className="positioner" side="bottom" align="end" sideOffset={4} collisionPadding={8}>
          <Menu.Popup className="popup menu">
            {info.demo && <DemoWords />}
            <TierChoice />
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

export function DemoWords() {
  return (
    <>
      <p className="menu-note">Scripted answers, not those of a real model.</p>
      <Menu.LinkItem className="item" href={KEYS_HELP} target="_blank" rel="noopener" closeOnClick>
        <span className="item-mark">
          <Icon name="key" />
        </span>
        <span className="item-text">Add a provider key</span>
      </Menu.LinkItem>
      <Menu.Separator className="separator" />
    </>
  );
}

export function TierChoice() {
  const chat = useChat();
  const info = useChatState((state) => state.info);
  const tier = useChatState((state) => state.tier);
  if (!info) return null;
  return (
    <Menu.RadioGroup
      value={tier}
      onValueChange={(value: unknown) => {
        const parsed = tierSchema.shape.id.safeParse(value);
        if (parsed.success) chat.setTier(parsed.data);
      }}
    >
      {info.tiers.map((other) => (
        <Menu.RadioItem key={other.id} value={other.id} className="item" disabled={other.model === null} closeOnClick>
          <span className="item-mark">
            <Menu.RadioItemIndicator>
              <Icon name="check" />
            </Menu.RadioItemIndicator>
          </span>
          <span className="item-text">{other.label}</span>
          <span className="meta mono">{other.model ?? 'Not offered'}</span>
        </Menu.RadioItem>
      ))}
    </Menu.RadioGroup>
  );
}
