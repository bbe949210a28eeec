import { fillArguments } from './arguments.ts';
import type { Scene } from './script.ts';
import type { Tool, TurnPart } from './turn.ts';

/** A call with the given arguments, and with those that the tool's schema and the question tell. */
export function callOf(
  tool: Tool,
  { question }: Pick<Scene, 'question'>,
  given: Record<string, unknown> = {},
): TurnPart {
  const generated = fillArguments(tool.parameters, { question, text: 'demo' });
  return { type: 'tool_call', name: tool.name, arguments: { ...generated, ...given } };
}
