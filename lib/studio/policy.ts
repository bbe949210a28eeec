/**
 * Content-Security-Policy of Studio's page. Studio compiles JSON schemas of tools and workflows to functions, which
 * needs `unsafe-eval`; its styles are set inline. Images stay ours, so that a picture in a model's answer carries
 * nothing to another site; the logos of model providers are the one exception.
 * @param scriptHashes `sha256-<base64>` of the inline scripts
 */
export function studioPolicy(scriptHashes: readonly string[]): string {
  const scripts = ["'self'", "'unsafe-eval'", ...scriptHashes.map((hash) => `'${hash}'`)];
  return [
    "default-src 'self'",
    `script-src ${scripts.join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob: https://models.dev/logos/",
    "font-src 'self' data:",
    "media-src 'self' data: blob:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "frame-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
