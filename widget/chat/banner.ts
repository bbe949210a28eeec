import type { ApiFailure } from '../api/failure.ts';
import type { WorkspaceView } from '../page/workspace-state.ts';
import type { ChatState } from './state.ts';

export type BannerIcon =
  | 'hourglass'
  | 'pause'
  | 'ring'
  | 'wrench'
  | 'octagon'
  | 'arrows'
  | 'cloud'
  | 'warning'
  | 'flask';
export type BannerAction = 'open_chat' | 'wake' | 'open_workspace' | 'retry' | 'reload' | 'sign_in' | 'open_usage';

export type Banner = {
  icon: BannerIcon;
  tone: 'muted' | 'accent' | 'warn' | 'bad' | 'demo';
  text: string;
  action?: { label: string; does: BannerAction };
};

type CutOff = 'unreachable' | 'offline';

/** Whether something waits to be sent by itself, or is only written. */
type Unsent = 'waits' | 'written' | 'none';

const BY_VIEW: Record<Exclude<WorkspaceView, 'ready' | CutOff>, Banner> = {
  asleep: {
    icon: 'pause',
    tone: 'muted',
    text: 'Your workspace is asleep. Everything is kept; sending wakes it.',
    action: { label: 'Wake', does: 'wake' },
  },
  waking: { icon: 'ring', tone: 'accent', text: 'Waking your workspace. Messages go out when it is ready.' },
  healing: {
    icon: 'wrench',
    tone: 'warn',
    text: 'Your workspace is being repaired. Your work is committed; messages go out afterwards.',
    action: { label: 'Details', does: 'open_workspace' },
  },
  provisioning: {
    icon: 'ring',
    tone: 'accent',
    text: 'Your workspace is being set up. Messages go out when it is ready.',
    action: { label: 'Follow', does: 'open_workspace' },
  },
  broken: {
    icon: 'octagon',
    tone: 'bad',
    text: 'Your workspace needs an admin. Your work and this conversation are kept.',
    action: { label: 'Details', does: 'open_workspace' },
  },
  updating: {
    icon: 'arrows',
    tone: 'accent',
    text: 'Your workspace is being updated. Messages go out afterwards.',
    action: { label: 'Details', does: 'open_workspace' },
  },
};

/** Nothing comes through. Of a draft only where there is one. */
const CUT_OFF: Record<CutOff, { tone: Banner['tone']; text: string; next: Record<Unsent, string> }> = {
  unreachable: {
    tone: 'warn',
    text: 'Your workspace does not answer.',
    next: { waits: 'Your draft sends when it does.', written: 'Your draft is kept.', none: 'Trying again.' },
  },
  offline: {
    tone: 'muted',
    text: 'Offline.',
    next: {
      waits: 'Your draft sends when you reconnect.',
      written: 'Your draft is kept.',
      none: 'Your workspace goes on without this page.',
    },
  },
};

function cutOff(view: CutOff, unsent: Unsent): Banner {
  const { tone, text, next } = CUT_OFF[view];
  const action = { label: 'Retry', does: 'retry' } as const;
  return { icon: 'cloud', tone, text: `${text} ${next[unsent]}`, action };
}

export type BannerFacts = {
  workspace: WorkspaceView;
  online: boolean;
  /** Of the last attempt to load or send; null after a success. */
  failure: ApiFailure | null;
  /** The stream of a running turn was lost and is tried again. */
  reconnecting: boolean;
  /** Title of another chat in which the agent works while a message waits here. */
  elsewhere: string | null;
  /** How little is left of the budget, while something is. */
  budget: string | null;
  unsent: Unsent;
};

export function unsentOf({ draft, queue, queueHeld }: Pick<ChatState, 'draft' | 'queue' | 'queueHeld'>): Unsent {
  // What was held after a stop does not go by itself.
  if (queue.length > 0 && !queueHeld) return 'waits';
  return draft.trim() === '' ? 'none' : 'written';
}

/** The one banner above the composer, or null while all is well. The worst wins. */
export function bannerOf(facts: BannerFacts): Banner | null {
  const { workspace, online, failure, reconnecting, elsewhere, budget } = facts;
  if (failure?.kind === 'signed_out') {
    return { icon: 'warning', tone: 'warn', text: failure.message, action: { label: 'Sign in', does: 'sign_in' } };
  }
  if (failure?.kind === 'outdated_page') {
    return { icon: 'arrows', tone: 'accent', text: failure.message, action: { label: 'Reload', does: 'reload' } };
  }
  if (failure?.kind === 'outdated_workspace') {
    return {
      icon: 'arrows',
      tone: 'warn',
      text: failure.message,
      action: { label: 'Details', does: 'open_workspace' },
    };
  }
  if (!online || workspace === 'offline') return cutOff('offline', facts.unsent);
  if (workspace !== 'ready' && workspace !== 'unreachable') return BY_VIEW[workspace];
  // The browser has a network all the same.
  if (workspace === 'unreachable' || failure?.kind === 'offline') return cutOff('unreachable', facts.unsent);
  if (reconnecting) return { icon: 'ring', tone: 'accent', text: 'Reconnecting. The turn goes on without this page.' };
  if (elsewhere !== null) {
    const text = `The agent works in '${elsewhere || 'Untitled'}'. Your message goes out when it is done.`;
    return { icon: 'hourglass', tone: 'muted', text, action: { label: 'Open', does: 'open_chat' } };
  }
  if (failure?.kind === 'unavailable') {
    return { icon: 'ring', tone: 'accent', text: failure.message, action: { label: 'Retry', does: 'retry' } };
  }
  if (budget !== null) {
    return { icon: 'warning', tone: 'warn', text: budget, action: { label: 'Usage', does: 'open_usage' } };
  }
  return null;
}

/** Whether a message would reach the agent now; asleep counts, since sending wakes. */
export function canSend({
  workspace,
  online,
  failure,
}: Pick<BannerFacts, 'workspace' | 'online' | 'failure'>): boolean {
  if (failure?.kind === 'signed_out' || failure?.kind === 'outdated_page' || failure?.kind === 'outdated_workspace') {
    return false;
  }
  return online && (workspace === 'ready' || workspace === 'asleep');
}
