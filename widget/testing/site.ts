import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { studioPolicy } from '../../lib/studio/policy.ts';
import { ChatApi, send } from './chat-api.ts';

const built = resolve(import.meta.dirname, '../../.widget');
const API = '/api/mastra/__shmastra/v1';

/** A page that routes like Studio: links move without loading, `popstate` is followed. Its one-letter shortcuts count. */
const PAGE = `<!doctype html><html lang="en" class="dark"><head><meta charset="utf-8"><title>Studio</title>
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<style>html{font-size:22px}html.dark{background:#0b0b0b;color:#eee}html.light{background:#fff;color:#111}body{margin:0;font-family:sans-serif}
main{padding:24px}</style></head><body><main><h1>Agents</h1><a href="/studio/tools" id="tools">Tools</a><p id="path"></p><p id="keys"></p></main>
<script type="module" src="/page.js"></script><script type="module" src="/widget/%SCRIPT%"></script></body></html>`;
const SCRIPT = `
const show = () => { document.querySelector('#path').textContent = location.pathname; };
addEventListener('popstate', show); show();
document.querySelector('#tools').addEventListener('click', (event) => { event.preventDefault(); history.pushState({}, '', '/studio/tools'); show(); });
window.refreshes = 0;
addEventListener('visibilitychange', (event) => { if (event.target === window) window.refreshes += 1; });
window.searches = 0;
addEventListener('keydown', (event) => {
  if (event.ctrlKey) { if (event.key === 'k') window.searches += 1; }
  else if (!event.target.closest?.('[role=dialog],input,textarea')) document.querySelector('#keys').textContent += event.key;
});
window.setState = (view) => dispatchEvent(new CustomEvent('shmastra:state', { detail: { view, buildError: null, revision: null } }));
`;

/** Pages of the control plane that the chat leads to. */
const PLAIN = new Set(['/usage', '/team', '/account', '/sign-in', '/help/provider-keys']);

export type Site = {
  url: string;
  /** A new one after each reset. */
  api: ChatApi;
  wakes: number;
  /** What the control plane says of the budget; null: it does not answer. */
  usage: object | null;
  /** Whether the control plane says that the person is an admin. */
  admin: boolean;
  signOuts: number;
  reset: () => void;
  close: () => Promise<void>;
};

/** The built widget on a page like Studio's, under its policy, with the double behind it. */
export async function startSite(): Promise<Site> {
  const { script } = JSON.parse(await readFile(join(built, 'manifest.json'), 'utf8')) as { script: string };
  const code = await readFile(join(built, script));
  const site: Site = { url: '', api: new ChatApi(), wakes: 0, usage: null, admin: false, signOuts: 0, reset, close };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname.startsWith(API)) {
      return void site.api.handle(url.pathname.slice(API.length), url, request, response).catch((error: unknown) => {
        if (!response.headersSent) send(response, 500, { error: { code: 'double', message: String(error) } });
      });
    }
    if (url.pathname === '/api/workspace/wake') {
      site.wakes += 1;
      return send(response, 200, { status: 'ready' });
    }
    if (url.pathname === '/api/usage/me' && site.usage) return send(response, 200, site.usage);
    if (url.pathname === '/api/workspace/info') return send(response, 200, { demo: false, admin: site.admin });
    if (url.pathname === '/api/auth/sign-out' && request.method === 'POST') {
      site.signOuts += 1;
      return void response.writeHead(303, { location: '/sign-in' }).end();
    }
    if (PLAIN.has(url.pathname))
      return void response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>${url.pathname}</title>`);
    if (url.pathname === `/widget/${script}`)
      return void response
        .writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'public, max-age=31536000, immutable' })
        .end(code);
    if (url.pathname === '/page.js')
      return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(SCRIPT);
    if (!url.pathname.startsWith('/studio')) return void response.writeHead(404).end();
    const headers = { 'content-type': 'text/html', 'content-security-policy': studioPolicy([]) };
    response.writeHead(200, headers).end(PAGE.replace('%SCRIPT%', script));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  site.url = `http://127.0.0.1:${port}`;
  return site;

  function reset(): void {
    server.closeAllConnections();
    Object.assign(site, { api: new ChatApi(), wakes: 0, usage: null, admin: false, signOuts: 0 });
  }
  function close(): Promise<void> {
    return new Promise((done) => {
      server.closeAllConnections();
      server.close(() => done());
    });
  }
}
