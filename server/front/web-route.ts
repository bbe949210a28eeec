import type { IncomingMessage, ServerResponse } from 'node:http';
import { UnavailableError } from '../../lib/errors.ts';
import { acceptsHtml } from '../../lib/mastra-proxy/classify.ts';
import type { HeaderBag } from '../../lib/mastra-proxy/request-headers.ts';
import type { FrontContext, RequestFacts } from './context.ts';
import { sendPage } from './page.ts';
import { forwardUpstream, requestBody } from './upstream.ts';
import { webRequestHeaders, webResponseHeaders } from './web-headers.ts';

/** Everything that is not the front's own goes to Next, over its private socket. */
export async function handleWeb(
  context: FrontContext,
  facts: RequestFacts,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const body = requestBody(req);
  const method = req.method ?? 'GET';
  const attempt = () =>
    forwardUpstream(
      {
        dispatcher: context.web,
        origin: 'http://web',
        path: `${facts.path}${facts.query}`,
        method,
        headers: webRequestHeaders(req.headers, {
          publicUrl: context.ownOrigin,
          remoteAddress: req.socket.remoteAddress ?? '',
          requestId: facts.requestId,
        }),
        body,
        answerHeaders: (_status: number, headers: HeaderBag) => webResponseHeaders(headers, facts.requestId),
      },
      res,
    );
  let end = await attempt();
  // A kept connection that the web process closed while we took it up: a read is simply sent again, once.
  if (end.end === 'failed' && body === null && (method === 'GET' || method === 'HEAD')) end = await attempt();
  if (end.end !== 'failed') return;
  context.log.warn({ requestId: facts.requestId, err: end.error }, 'the web process did not answer');
  if (!acceptsHtml(req.headers.accept)) {
    throw new UnavailableError('web_unavailable', 'The pages are restarting.', { cause: end.error });
  }
  sendPage(res, {
    status: 502,
    title: 'Restarting',
    text: 'The pages are restarting. This one reloads by itself.',
    reloadSeconds: 2,
  });
}
