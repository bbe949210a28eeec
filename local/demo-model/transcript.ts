import type { Message, PastCall, ToolResult } from './turn.ts';

type Assistant = { role: 'assistant'; text: string; calls: PastCall[] };
type Results = { role: 'tool'; results: ToolResult[] };
type Entry = { role: 'user'; text: string } | Assistant | Results;

/**
 * Collects a conversation. Protocols cut it up differently (OpenAI's Responses has a flat list of items, Anthropic puts
 * tool results into user messages): here what the model did in one go is one message, and results learn their tool's name.
 */
export function createTranscript() {
  const entries: Entry[] = [];
  const nameOfCall = new Map<string, string>();

  function assistant(): Assistant {
    const last = entries.at(-1);
    if (last?.role === 'assistant') return last;
    const entry: Assistant = { role: 'assistant', text: '', calls: [] };
    entries.push(entry);
    return entry;
  }

  return {
    user(text: string): void {
      // Not joined: what was asked before a stopped answer is not asked again.
      entries.push({ role: 'user', text });
    },
    assistantText(text: string): void {
      const entry = assistant();
      entry.text = join(entry.text, text);
    },
    call(call: PastCall): void {
      assistant().calls.push(call);
      nameOfCall.set(call.id, call.name);
    },
    result({ callId, content, failed = false, name }: Omit<ToolResult, 'failed' | 'name'> & Partial<ToolResult>): void {
      const result = { callId, content, failed, name: name ?? nameOfCall.get(callId) ?? null };
      const last = entries.at(-1);
      if (last?.role === 'tool') last.results.push(result);
      else entries.push({ role: 'tool', results: [result] });
    },
    messages: (): Message[] => entries,
  };
}

const join = (before: string, after: string): string => [before, after].filter((text) => text !== '').join('\n');
