import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';

const settingsSchema = z.object({
  SHMASTRA_PROJECT_DIR: z.string(),
  SHMASTRA_AGENT_DIR: z._default(z.string(), join(homedir(), '.shmastra')),
  SHMASTRA_AGENT_MAX_STEPS: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(1000)), 60),
  SHMASTRA_AGENT_MAX_DOLLARS: z._default(z.coerce.number().check(z.gt(0), z.lte(1000)), 2),
  SHMASTRA_AGENT_MAX_MINUTES: z._default(z.coerce.number().check(z.gt(0), z.lte(600)), 20),
});

export type Limits = {
  /** Calls of the model in one turn. */
  steps: number;
  /** Of model calls in one turn, in micro-dollars, as far as their prices are known. */
  costMicros: number;
  /** Of work, without the time that a turn waits for a person. */
  workMs: number;
  /** Characters of text that the model may write in one turn. */
  textCharacters: number;
  promptCharacters: number;
  attachmentBytes: number;
  /** Attachments of one message. */
  attachments: number;
};

export type AgentSettings = {
  projectDir: string;
  /** Sessions, turns and attachments, outside of the project. */
  dataDir: string;
  limits: Limits;
};

/** The settings of the agent's process, from its environment. Throws a list of what is wrong. */
export function readAgentSettings(env: NodeJS.ProcessEnv = process.env): AgentSettings {
  const parsed = settingsSchema.safeParse(env);
  if (!parsed.success) throw new Error(`wrong settings:\n${z.prettifyError(parsed.error)}`);
  return {
    projectDir: parsed.data.SHMASTRA_PROJECT_DIR,
    dataDir: parsed.data.SHMASTRA_AGENT_DIR,
    limits: {
      steps: parsed.data.SHMASTRA_AGENT_MAX_STEPS,
      costMicros: parsed.data.SHMASTRA_AGENT_MAX_DOLLARS * 1_000_000,
      workMs: parsed.data.SHMASTRA_AGENT_MAX_MINUTES * 60_000,
      textCharacters: 400_000,
      promptCharacters: 50_000,
      attachmentBytes: 10 * 1024 * 1024,
      attachments: 10,
    },
  };
}
