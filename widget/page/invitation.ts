/** What an address asks of the widget: `?shmastra=open&prompt=Create an agent`. */
export type Invitation = { open: boolean; prompt: string | null };

const MAX_PROMPT = 2000;

/** Reads the invitation of an address and gives the address without it, so that a reload does not repeat it. */
export function readInvitation(href: string): { invitation: Invitation; rest: string } {
  const url = new URL(href);
  const prompt = url.searchParams.get('prompt')?.trim().slice(0, MAX_PROMPT) ?? '';
  const open = url.searchParams.get('shmastra') === 'open' || prompt !== '';
  if (!open) return { invitation: { open: false, prompt: null }, rest: href };
  url.searchParams.delete('shmastra');
  url.searchParams.delete('prompt');
  return { invitation: { open, prompt: prompt === '' ? null : prompt }, rest: url.href };
}
