import type { IdSource } from '../ids.ts';
import { textPieces } from '../pieces.ts';
import type { StreamEvent } from '../protocol.ts';
import type { Turn, TurnPart } from '../turn.ts';

type Part = { text: string } | { functionCall: { id: string; name: string; args: Record<string, unknown> } };

/** The pieces of a `GenerateContentResponse`; a function call ends with STOP as well. */
export function createGoogleAnswer(model: string, turn: Turn, newId: IdSource) {
  const responseId = newId('');
  const finishReason = turn.finish === 'length' ? 'MAX_TOKENS' : 'STOP';
  const { input, output } = turn.usage;
  const usage = { promptTokenCount: input, candidatesTokenCount: output, totalTokenCount: input + output };
  const partOf = (part: TurnPart): Part =>
    part.type === 'text'
      ? { text: part.text }
      : { functionCall: { id: newId('call_'), name: part.name, args: part.arguments } };
  const response = (parts: Part[], finish?: string) => ({
    candidates: [
      { content: { parts, role: 'model' }, ...(finish === undefined ? {} : { finishReason: finish }), index: 0 },
    ],
    usageMetadata: finish === undefined ? { promptTokenCount: input, totalTokenCount: input } : usage,
    modelVersion: model,
    responseId,
  });

  return {
    whole: () => response(turn.parts.map(partOf), finishReason),

    /** Every chunk is a response of its own; the last one has the finish reason and all tokens. */
    *chunks(): Generator<StreamEvent> {
      for (const part of turn.parts) {
        if (part.type === 'tool_call') yield { data: response([partOf(part)]), delta: true };
        else for (const text of textPieces(part.text)) yield { data: response([{ text }]), delta: true };
      }
      yield { data: response([{ text: '' }], finishReason) };
    },
  };
}
