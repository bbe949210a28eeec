/**
 * Whether a navigation to an app was begun by a page of the control plane. A ticket opens its owner's app in whichever
 * browser it is: a link with somebody else's would run their code for whom they sent it to. The Referer cannot be made
 * up by another page; browsers that send none say nothing, and the person is asked.
 */
export function isFromControlPlane(referer: string | undefined, controlOrigin: string): boolean {
  return referer !== undefined && URL.canParse(referer) && new URL(referer).origin === new URL(controlOrigin).origin;
}

/** The ticket of a query, or of the form on our own page. Empty when there is none. */
export function readTicket(text: string): string {
  const ticket = new URLSearchParams(text).get('ticket') ?? '';
  return /^[\w-]{43}$/.test(ticket) ? ticket : '';
}
