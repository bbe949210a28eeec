import path from 'node:path';
import type { Box } from './box.ts';

const PROVIDERS = {
  OPENAI_API_KEY: 'OpenAI',
  ANTHROPIC_API_KEY: 'Anthropic',
  GOOGLE_GENERATIVE_AI_API_KEY: 'Google',
};

/** What a person reads when everything runs. */
export function welcome(box: Pick<Box, 'publicUrl' | 'env' | 'logs'>, setup: string | null, took: string): string {
  const lines = ['', `Shmastra Cloud is ready (${took}).`, '', `  ${box.publicUrl}`, ''];
  if (setup) {
    lines.push('There is no admin yet. Open this once, within 24 hours, to become the first:', '', `  ${setup}`, '');
  }
  const missing = Object.entries(PROVIDERS).filter(([name]) => !box.env[name]);
  if (missing.length) {
    const names = missing.map(([, provider]) => provider).join(', ');
    lines.push(`Demo model: scripted answers for ${names}. Add a provider key in .env to get real ones.`);
  }
  const logs = path.relative(process.cwd(), box.logs);
  lines.push(`Logs: ${logs.startsWith('..') ? box.logs : logs}    Stop: Ctrl-C`);
  return lines.join('\n');
}
