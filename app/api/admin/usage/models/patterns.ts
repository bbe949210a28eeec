import { z } from 'zod';

/** Patterns such as `anthropic/claude-*`. */
export const modelPatterns = z
  .array(z.string().regex(/^[\w.:@*/-]{1,200}$/, 'A pattern looks like anthropic/claude-* or gpt-5*.'))
  .max(100);
