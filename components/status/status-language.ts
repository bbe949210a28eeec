/** The kinds of status that a person meets; each is told by shape, colour and word together. */
export const statusKinds = [
  'queued',
  'provisioning',
  'ready',
  'healing',
  'broken',
  'paused',
  'updating',
  'demo',
  'disabled',
  'invited',
] as const;

export type StatusKind = (typeof statusKinds)[number];

/** A teammate has a workspace, an admin looks after sandboxes: the same state has a word for each. */
export type Audience = 'teammate' | 'admin';

type Entry = { colour: string; words: Record<Audience, string> };

const entries: Record<StatusKind, Entry> = {
  queued: { colour: 'text-muted', words: { teammate: 'In the queue', admin: 'Queued' } },
  provisioning: { colour: 'text-accent', words: { teammate: 'Setting up', admin: 'Provisioning' } },
  ready: { colour: 'text-ok', words: { teammate: 'Ready', admin: 'Ready' } },
  healing: { colour: 'text-warn', words: { teammate: 'Repairing', admin: 'Healing' } },
  broken: { colour: 'text-bad', words: { teammate: 'Needs an admin', admin: 'Broken' } },
  paused: { colour: 'text-muted', words: { teammate: 'Asleep', admin: 'Paused' } },
  updating: { colour: 'text-accent', words: { teammate: 'Updating', admin: 'Updating' } },
  demo: { colour: 'text-demo', words: { teammate: 'Demo model', admin: 'Demo model' } },
  disabled: { colour: 'text-bad', words: { teammate: 'Disabled', admin: 'Disabled' } },
  invited: { colour: 'text-muted', words: { teammate: 'Invited', admin: 'Invited' } },
};

export function statusColour(kind: StatusKind): string {
  return entries[kind].colour;
}

export function statusWord(kind: StatusKind, audience: Audience): string {
  return entries[kind].words[audience];
}
