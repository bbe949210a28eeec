import { fillSchema } from './arguments.ts';
import type { JsonSchema } from './json-schema.ts';
import { performPlay } from './perform-play.ts';
import { readScene } from './scene.ts';
import type { Scene, Script, Step, ToolPlan } from './script.ts';
import { toolMatching, toolNamedIn } from './offered-tools.ts';
import { callOf } from './tool-call.ts';
import { CHARACTERS_PER_TOKEN, promptTokens, turnTokens } from './tokens.ts';
import type { Prompt, Turn, TurnPart } from './turn.ts';

/** Begins every answer, so that nobody takes a script for a model. */
export const MARK = 'Demo model: ';
const FILLER = `${MARK}scripted value`;

export type Planner = (prompt: Prompt) => Turn;

/** @param scripts tried in order; the last one should take any question */
export function createPlanner(scripts: readonly Script[]): Planner {
  return (prompt) => {
    const scene = readScene(prompt);
    const planned = forcedCall(scripts, scene, prompt) ?? play(scripts, scene);
    const calls = planned.some((part) => part.type === 'tool_call');
    const answersJson = prompt.outputSchema !== null && !calls;
    return finish(prompt, answersJson ? [structured(prompt.outputSchema ?? {})] : planned);
  };
}

/** What the first script that fits has to say next. */
function play(scripts: readonly Script[], scene: Scene): TurnPart[] {
  for (const script of scripts) {
    const fits = script.when instanceof RegExp ? script.when.test(scene.question) : script.when(scene);
    const parts = fits ? perform(script, scene) : null;
    if (parts && parts.length > 0) return parts;
  }
  return [];
}

function perform(script: Script, scene: Scene): TurnPart[] | null {
  return 'play' in script ? performPlay(script.play(scene), scene, MARK) : performSteps(script.steps, scene);
}

/** Null when a tool of the script is not offered. */
function performSteps(steps: readonly Step[], scene: Scene): TurnPart[] | null {
  const parts: TurnPart[] = [];
  let unread = scene.results.length;
  // Only the first text of an answer is marked, whichever of its turns that is in.
  let marked = false;
  for (const step of steps) {
    if ('say' in step) {
      const text = typeof step.say === 'string' ? step.say : step.say(scene);
      parts.push({ type: 'text', text: marked ? text : `${MARK}${text}` });
      marked = true;
      continue;
    }
    const plans = [step.call].flat();
    if (unread > 0) {
      // Done in an earlier turn, and so is what was said before it.
      unread -= plans.length;
      parts.length = 0;
      continue;
    }
    const calls = plans.map((plan) => call(plan, scene));
    const offered = calls.filter((one) => one !== null);
    return offered.length === calls.length ? [...parts, ...offered] : null;
  }
  return parts;
}

function call(plan: ToolPlan, scene: Scene): TurnPart | null {
  const tool = plan.tool instanceof RegExp ? toolMatching(scene.tools, plan.tool) : plan.tool(scene);
  return tool ? callOf(tool, scene, plan.arguments?.(scene)) : null;
}

/** The caller insists on a tool: of its choice, of a script's choice, or any. */
function forcedCall(scripts: readonly Script[], scene: Scene, { toolChoice }: Prompt): TurnPart[] | null {
  if (toolChoice === 'auto' || toolChoice === 'none') return null;
  const wanted = typeof toolChoice === 'object' ? toolChoice.name : null;
  const scripted = play(scripts, scene);
  const fits = scripted.some((part) => part.type === 'tool_call' && (wanted === null || part.name === wanted));
  if (fits) return scripted;
  const named = scene.tools.find((tool) => tool.name === wanted);
  const tool = wanted === null ? (toolNamedIn(scene.tools, scene.question) ?? scene.tools[0]) : named;
  return tool ? [callOf(tool, scene)] : null;
}

/** JSON cannot be marked at its beginning; its texts are. */
function structured(schema: JsonSchema): TurnPart {
  const anything = schema.type === undefined && !schema.properties && !schema.$ref;
  // Nothing of the question goes in: it would read as if the model had thought about it.
  const value = anything ? { answer: FILLER } : fillSchema(schema, { question: '', text: FILLER });
  return { type: 'text', text: JSON.stringify(value) };
}

function finish(prompt: Prompt, planned: readonly TurnPart[]): Turn {
  const limit = prompt.maxTokens === null ? Infinity : prompt.maxTokens * CHARACTERS_PER_TOKEN;
  let left = limit;
  const parts = planned.map((part): TurnPart => {
    if (part.type === 'tool_call') return part;
    const text = part.text.slice(0, left);
    left -= part.text.length;
    return { type: 'text', text };
  });
  const usage = { input: promptTokens(prompt), output: turnTokens(parts) };
  const calls = parts.some((part) => part.type === 'tool_call');
  return { parts, finish: calls ? 'tool_calls' : left < 0 ? 'length' : 'stop', usage };
}
