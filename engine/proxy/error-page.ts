import type { IncomingMessage } from 'node:http';

/**
 * Whether a person looks at the answer. What a program says that it wants goes before the name of a browser, which a
 * script in a page sends as well.
 */
export function wantsPage({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const accept = headers.accept?.toLowerCase() ?? '';
  if (accept.includes('application/json') && !accept.includes('text/html')) return false;
  const mode = String(headers['sec-fetch-mode'] ?? '').toLowerCase();
  if (['cors', 'no-cors', 'same-origin', 'websocket'].includes(mode)) return false;
  if (mode !== 'navigate' && headers['x-requested-with']) return false;
  return /mozilla|chrome|safari|firefox|edge|opera|msie/i.test(headers['user-agent'] ?? '');
}

/** A page without scripts or anything from elsewhere. The texts are escaped. */
export function errorPage(page: { title: string; text: string; host: string }): string {
  return `<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(page.title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto 0;padding:0 1rem}h1{font-size:1.25rem}small{opacity:.7}</style>
</head>
<body>
<h1>${escape(page.title)}</h1>
<p>${escape(page.text)}</p>
<small>${escape(page.host)}</small>
</body>
</html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
