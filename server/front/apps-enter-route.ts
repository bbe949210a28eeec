import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  APP_SESSION_SECONDS,
  appCookie,
  APPS_SECURITY_HEADERS,
  ENTER_PATH,
  isFromControlPlane,
  readTicket,
} from '../../lib/apps/index.ts';
import type { Refusal } from '../../lib/mastra-proxy/decide.ts';
import { APP_NOT_OPEN } from './apps-answers.ts';
import { orUnavailable } from './caller.ts';
import type { FrontContext, RequestFacts } from './context.ts';
import { header } from './mastra-route.ts';
import { sendPage } from './page.ts';
import { readText } from './read-text.ts';
import { sendRedirect } from './respond.ts';

/** Bytes of the form. */
const BODY_LIMIT = 1024;

/**
 * The ticket of `POST /api/apps/open` becomes a cookie of this origin, and is gone from the address. Who does not come
 * from a page of the control plane is asked first, by a page whose form posts the ticket.
 */
export async function enterApp(
  context: FrontContext,
  facts: RequestFacts,
  label: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<Refusal | null> {
  const confirmed = req.method === 'POST';
  const ticket = readTicket(confirmed ? await readText(req, BODY_LIMIT) : facts.query);
  if (ticket === '') return APP_NOT_OPEN;
  if (!confirmed && !isFromControlPlane(header(req, 'referer'), context.ownOrigin)) {
    askFirst(res, ticket);
    return null;
  }
  const entered = await orUnavailable(context.services.apps.enter({ ticket, label }));
  if (entered === null) return APP_NOT_OPEN;
  const cookie = appCookie({ publicUrl: context.ownOrigin }, entered.token, APP_SESSION_SECONDS);
  const headers = { ...APPS_SECURITY_HEADERS, 'referrer-policy': 'no-referrer', 'set-cookie': cookie };
  sendRedirect(res, entered.path, headers);
  return null;
}

function askFirst(res: ServerResponse, ticket: string): void {
  for (const [name, value] of Object.entries(APPS_SECURITY_HEADERS)) res.setHeader(name, value);
  sendPage(res, {
    status: 200,
    title: 'Open this app?',
    text: 'Go on if you have just opened an app of your own in Studio. Close this page if somebody sent you the link: the app would be theirs, and what you enter in it too.',
    form: { action: ENTER_PATH, field: { name: 'ticket', value: ticket }, button: 'Open the app' },
  });
}
