import type { UIMessageChunk } from 'ai';

/**
 * Joins neighbouring deltas of one text into one. The AI SDK copies the whole message at each chunk, so that a replay of
 * thousands of deltas would cost a second; joined it costs nothing to speak of.
 */
export function mergeDeltas(chunks: readonly UIMessageChunk[]): UIMessageChunk[] {
  const merged: UIMessageChunk[] = [];
  for (const chunk of chunks) {
    const last = merged.at(-1);
    const joined = last && join(last, chunk);
    if (joined) merged[merged.length - 1] = joined;
    else merged.push(chunk);
  }
  return merged;
}

function join(last: UIMessageChunk, next: UIMessageChunk): UIMessageChunk | null {
  if (last.type === 'text-delta' && next.type === 'text-delta' && last.id === next.id) {
    return { ...next, delta: last.delta + next.delta };
  }
  if (last.type === 'reasoning-delta' && next.type === 'reasoning-delta' && last.id === next.id) {
    return { ...next, delta: last.delta + next.delta };
  }
  if (last.type === 'tool-input-delta' && next.type === 'tool-input-delta' && last.toolCallId === next.toolCallId) {
    return { ...next, inputTextDelta: last.inputTextDelta + next.inputTextDelta };
  }
  return null;
}
