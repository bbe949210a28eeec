const TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json; charset=utf-8',
  map: 'application/json; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
  ttf: 'font/ttf',
  wasm: 'application/wasm',
  woff: 'font/woff',
  woff2: 'font/woff2',
};

export function contentType(path: string): string {
  return TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
}

export function isCompressible(path: string): boolean {
  return /\.(?:css|html|js|json|map|svg|ttf|wasm)$/.test(path);
}

/** Vite puts a hash of the content into the names of what it builds: `assets/main-BU75WpCq.js`. */
export function isImmutable(path: string): boolean {
  return /^assets\/.+-[\w-]{8}\.\w+$/.test(path);
}
