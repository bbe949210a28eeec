// The lint rule "who may import whom": a folder at the top of the checkout imports only from the folders named here.
// Tests are free: they start the real parts they test against.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * Folder -> folders that it may import from, beside itself. Folders that are not listed may import anything.
 * @type {Record<string, string[]>}
 */
const mayImport = {
  app: ['lib', 'components'],
  components: ['lib'],
  server: ['lib'],
  manage: ['lib'],
  lib: [],
  engine: [],
  template: [],
  widget: [],
  local: ['lib', 'scripts'],
  scripts: ['lib', 'template'],
};

/** @type {Record<string, string>} */
const packages = { '@shmastra/engine': 'engine' };
/** @param {string} file */
const isTest = (file) => /\.(test|e2e|chat|slow)\.tsx?$/.test(file) || file.split('/').includes('testing');

/**
 * Why an import is not allowed, or null. Paths are relative to the checkout, with forward slashes.
 * @param {string} fromFile
 * @param {string} toPath
 */
function violation(fromFile, toPath) {
  const from = String(fromFile.split('/')[0]);
  const to = String(toPath.split('/')[0]);
  const allowed = mayImport[from];
  if (!allowed || isTest(fromFile) || from === to || !(to in mayImport) || allowed.includes(to)) return null;
  const rule = allowed.length ? `only from itself and ${allowed.join(', ')}` : 'nothing of ours outside itself';
  return `${from}/ may import ${rule}, not from ${to}/.`;
}

/**
 * What a specifier leads to, relative to the checkout; null for packages of others.
 * @param {string} root
 * @param {string} filename
 * @param {string} specifier
 */
function target(root, filename, specifier) {
  const name = Object.keys(packages).find((key) => specifier === key || specifier.startsWith(`${key}/`));
  if (name) return packages[name] ?? null;
  if (!specifier.startsWith('.')) return null;
  return path
    .relative(root, path.resolve(path.dirname(filename), specifier))
    .split(path.sep)
    .join('/');
}

const imports = {
  meta: {
    type: 'problem',
    docs: { description: 'Hold the direction of imports between the top folders.' },
    schema: [{ type: 'object', properties: { root: { type: 'string' } }, additionalProperties: false }],
  },
  /** @param {{ filename: string, options: { root?: string }[], report(problem: object): void }} context */
  create(context) {
    const root = context.options[0]?.root ?? checkout;
    const file = path.relative(root, context.filename).split(path.sep).join('/');
    /** @param {{ source?: { value?: unknown } | null }} node */
    const check = (node) => {
      if (typeof node.source?.value !== 'string') return;
      const to = target(root, context.filename, node.source.value);
      const message = to && violation(file, to);
      if (message) context.report({ node, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

export default { meta: { name: 'folders' }, rules: { imports } };
