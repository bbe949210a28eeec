import { createTool } from '@mastra/core/tools';
import { z } from 'zod';

export const currentTime = createTool({
  id: 'current-time',
  description: 'Tells the current date and time in a time zone.',
  inputSchema: z.object({
    timeZone: z.string().default('UTC').describe('An IANA time zone, such as Europe/Berlin'),
  }),
  outputSchema: z.object({
    iso: z.string().describe('The time in UTC, in ISO 8601'),
    local: z.string().describe('The time in the time zone, for people'),
    timeZone: z.string(),
  }),
  execute: async ({ timeZone = 'UTC' }) => {
    const now = new Date();
    const local = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone }).format(now);
    return { iso: now.toISOString(), local, timeZone };
  },
});
