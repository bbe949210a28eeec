import type { ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';

/** A small page of the front itself, for when Next cannot answer. Colours as on every page. */
const STYLE = `:root{color-scheme:light dark}body{font:14px/20px system-ui,"Segoe UI",Roboto,sans-serif;margin:0;
min-height:100vh;display:grid;place-items:center;background:#fff;color:#171717}main{max-width:360px;padding:24px}
h1{font-size:20px;line-height:28px;font-weight:600;margin:0 0 8px}p{margin:0 0 12px;color:#5c5c5c}
a{color:#3b5bdb}@media(prefers-color-scheme:dark){body{background:#0f0f0f;color:#ededed}p{color:#a3a3a3}a{color:#8da4ff}}`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

export type FrontPage = {
  status: number;
  title: string;
  text: string;
  /** Reload by itself after so many seconds. */
  reloadSeconds?: number;
  link?: { href: string; label: string };
  /** Posts one field to a path of the page's own origin. */
  form?: { action: string; field: { name: string; value: string }; button: string };
};

export function sendPage(res: ServerResponse, page: FrontPage): void {
  if (res.headersSent || res.destroyed) return;
  const reload = page.reloadSeconds === undefined ? '' : `<meta http-equiv="refresh" content="${page.reloadSeconds}">`;
  const link = page.link ? `<p><a href="${escapeHtml(page.link.href)}">${escapeHtml(page.link.label)}</a></p>` : '';
  const form = page.form ? formOf(page.form) : '';
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8">${reload}<meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(page.title)}</title><style>${STYLE}</style></head><body><main><h1>${escapeHtml(page.title)}</h1><p>${escapeHtml(page.text)}</p>${form}${link}</main></body></html>`;
  res.writeHead(page.status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(html),
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'`,
    'x-content-type-options': 'nosniff',
    ...(page.reloadSeconds === undefined ? {} : { 'retry-after': String(page.reloadSeconds) }),
  });
  res.end(res.req.method === 'HEAD' ? undefined : html);
}

function formOf({ action, field, button }: NonNullable<FrontPage['form']>): string {
  const input = `<input type="hidden" name="${escapeHtml(field.name)}" value="${escapeHtml(field.value)}">`;
  return `<form method="post" action="${escapeHtml(action)}">${input}<button>${escapeHtml(button)}</button></form>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
