import { withoutEchoes } from './echoes.ts';

// Where Studio puts a thread's history, read anew, together with what the page shows. Source: `useChat` of @mastra/react,
// as minified in `mastra`'s dist/studio.
const MERGE = new RegExp(
  String.raw`(?<former>\w+)=new Map\(\w+\.formattedMessages\.map\((?<all>\w+)=>\[\k<all>\.id,\k<all>\]\)\);` +
    String.raw`\w+\(\w+=>\{const (?<shown>\w+)=\w+\.filter\((?<one>\w+)=>\k<former>\.get\(\k<one>\.id\)!==\k<one>\),` +
    String.raw`(?<newer>\w+)=new Map\(\k<shown>\.map\(\k<one>=>\[\k<one>\.id,\k<one>\]\)\),` +
    String.raw`(?<ids>\w+)=new Set\((?<history>\w+)\.map\(\k<one>=>\k<one>\.id\)\);` +
    String.raw`return\[\.\.\.\k<history>\.map\(\k<one>=>\k<newer>\.get\(\k<one>\.id\)\?\?\k<one>\),` +
    String.raw`\.\.\.(?<rest>\k<shown>\.filter\(\k<one>=>!\k<ids>\.has\(\k<one>\.id\)\))(?=\]\})`,
);

/** Whether this script of Studio's is the one with the chat. */
export function hasChat(script: string): boolean {
  return script.includes('.formattedMessages.map(');
}

/**
 * Shows a person's message once. Without agent signals Studio sends it without its id, the server gives it another one,
 * and when the history is read anew, as after the first answer of every thread, Studio takes the two for two messages.
 * Throws when the script no longer looks as expected.
 */
export function showMessagesOnce(script: string): string {
  const found = MERGE.exec(script);
  if (!found?.groups) throw new Error("Studio's chat does not read its history as expected.");
  const { rest = '', history = '', former = '' } = found.groups;
  const end = found.index + found[0].length;
  const merge = `(${withoutEchoes.toString()})(${rest},${history},${former})`;
  return script.slice(0, end - rest.length) + merge + script.slice(end);
}
