import { LRUCache } from 'lru-cache';

const MAX_PATTERNS = 2_000;
const compiled = new LRUCache<string, RegExp>({ max: MAX_PATTERNS });

/**
 * Whether a list allows a model. A pattern with a provider (`anthropic/claude-*`) is compared with both, one without
 * (`gpt-5*`) with the model alone; `*` stands for anything.
 */
export function allowsModel(patterns: readonly string[], provider: string, model: string): boolean {
  if (patterns.includes('*')) return true;
  const name = model.replace(/^models\//, '').toLowerCase();
  return patterns.some((pattern) => expressionOf(pattern).test(pattern.includes('/') ? `${provider}/${name}` : name));
}

function expressionOf(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  // Runs of stars are one: several would make the expression slow on purpose.
  const parts = pattern.toLowerCase().split(/\*+/);
  const expression = new RegExp(`^${parts.map((part) => part.replace(/[.\\/+?^${}()|[\]-]/g, '\\$&')).join('.*')}$`);
  compiled.set(pattern, expression);
  return expression;
}
