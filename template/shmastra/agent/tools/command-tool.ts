import * as z from 'zod/mini';
import { commandEnvironment, runCommand } from '../project/run-command.ts';
import type { ToolContext } from './context.ts';
import type { AgentTool } from './tool.ts';

const DEFAULT_SECONDS = 120;
const MAX_SECONDS = 600;

export function commandTool({ tool, projectDir }: ToolContext): Record<string, AgentTool> {
  return {
    run_command: tool({
      name: 'run_command',
      description:
        'Runs a command with bash in the project: pnpm add, git log, node and the like. It has no keys and no sudo, and ends with all it has started.',
      input: z.object({
        command: z.string().check(z.minLength(1), z.maxLength(10_000)),
        timeout_seconds: z.optional(z.int().check(z.gte(1), z.lte(MAX_SECONDS))),
      }),
      execute: async (input, signal) =>
        runCommand(input.command, {
          cwd: projectDir,
          env: commandEnvironment(process.env),
          timeoutMs: (input.timeout_seconds ?? DEFAULT_SECONDS) * 1000,
          signal,
        }),
    }),
  };
}
