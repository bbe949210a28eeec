import { notOffered, type Play, type Use } from './play.ts';
import { callOf } from './tool-call.ts';
import type { Scene } from './script.ts';
import type { Tool, ToolResult, TurnPart } from './turn.ts';

/** The turn that comes after the results of this conversation. Null when a scene has nothing more to say. */
export function performPlay(play: Play, scene: Scene, mark: string): TurnPart[] | null {
  const unread = [...scene.results];
  let parts: TurnPart[] = [];
  // Only the first text of an answer is marked, whichever of its turns that is in.
  let marked = false;
  let cue = play.next([]);
  while (!cue.done) {
    if ('say' in cue.value) {
      parts.push({ type: 'text', text: marked ? cue.value.say : `${mark}${cue.value.say}` });
      marked = true;
      cue = play.next([]);
      continue;
    }
    const uses = cue.value.uses.map((use) => ({ use, tool: scene.tools.find(({ name }) => name === use.tool) }));
    const offered = uses.flatMap(({ use, tool }) => (tool ? [{ use, tool }] : []));
    if (offered.length > 0 && unread.length === 0)
      return [...parts, ...offered.map(({ use, tool }) => call(use, tool))];
    // Done in an earlier turn, and so is what was said before it.
    if (offered.length > 0) parts = [];
    cue = play.next(uses.map(({ use, tool }): ToolResult => (tool && unread.shift()) || notOffered(use.tool)));
  }
  return parts.length > 0 ? parts : null;
}

/** What a scene says is all there is: nothing is read out of the question, in which numbers mean other things. */
const call = (use: Use, tool: Tool): TurnPart => callOf(tool, { question: '' }, use.arguments);
