import * as parts from '../api/parts.ts';
import type { FileDiff, MessagePart } from '../api/shapes.ts';
import { hasCard, whyUnanswered } from './asked.ts';
import { isCutOff, isRead, isShownElsewhere, toolName, toolState } from './tools.ts';

/** What an answer shows, top to bottom. Keys stay the same while the answer grows. */
export type Block =
  | { kind: 'text'; key: string; text: string; streaming: boolean }
  | { kind: 'reasoning'; key: string; text: string; streaming: boolean }
  | { kind: 'tool'; key: string; part: parts.ToolPart }
  | { kind: 'reads'; key: string; parts: parts.ToolPart[] }
  | { kind: 'diffs'; key: string; files: FileDiff[] }
  | { kind: 'check'; key: string; check: parts.Check }
  | { kind: 'commit'; key: string; commit: parts.CommitData }
  | { kind: 'question'; key: string; question: parts.Question; why: string | null }
  | { kind: 'env'; key: string; env: parts.EnvRequest; why: string | null }
  | { kind: 'notice'; key: string; notice: parts.Notice };

/** What a turn is kept as. */
const CARDS = new Set<Block['kind']>(['diffs', 'check', 'commit']);

/** Lays out the parts of an answer: reads that follow each other are one row, diffs of one commit one card. */
export function layOut(list: readonly MessagePart[]): Block[] {
  const blocks: Block[] = [];
  // A turn says why it ended before what it did is kept: the cards of that are shown first, so that it has the last word.
  const notices: Block[] = [];
  list.forEach((part, index) => {
    const block = blockOf(part, index, list);
    if (!block) return;
    if (block.kind === 'notice') return void notices.push(block);
    if (!CARDS.has(block.kind)) blocks.push(...notices.splice(0));
    const last = blocks.at(-1);
    if (block.kind === 'tool' && groups(block.part)) {
      if (last?.kind === 'reads') return void last.parts.push(block.part);
      if (last?.kind === 'tool' && groups(last.part)) {
        blocks[blocks.length - 1] = { kind: 'reads', key: last.key, parts: [last.part, block.part] };
        return;
      }
    }
    if (block.kind === 'diffs' && last?.kind === 'diffs') return void last.files.push(...block.files);
    blocks.push(block);
  });
  return [...blocks, ...notices];
}

function groups(part: parts.ToolPart): boolean {
  return isRead(toolName(part)) && toolState(part) !== 'failed';
}

function blockOf(part: MessagePart, index: number, list: readonly MessagePart[]): Block | null {
  const key = `${part.type}:${index}`;
  if (part.type === 'text' || part.type === 'reasoning') {
    const read = parts.textPartSchema.safeParse(part);
    if (!read.success || read.data.text.trim() === '') return null;
    return { kind: part.type, key, text: read.data.text, streaming: read.data.state === 'streaming' };
  }
  if (part.type.startsWith('tool-') || part.type === 'dynamic-tool') {
    const read = parts.toolPartSchema.safeParse(part);
    if (!read.success || hidden(read.data, list)) return null;
    return { kind: 'tool', key: read.data.toolCallId, part: read.data };
  }
  return dataBlock(part, key, list);
}

/** What failed or was cut off is shown, unless a card of its own says so. */
function hidden(part: parts.ToolPart, list: readonly MessagePart[]): boolean {
  const name = toolName(part);
  if (!isShownElsewhere(name)) return false;
  if (name === 'apply_changes') return list.some((other) => other.type === 'data-check');
  return isCutOff(part) ? hasCard(list, part) : toolState(part) !== 'failed';
}

function dataBlock(part: MessagePart, key: string, list: readonly MessagePart[]): Block | null {
  const data = part['data'];
  switch (part.type) {
    case 'data-diff': {
      const read = parts.fileDiffSchema.safeParse(data);
      return read.success ? { kind: 'diffs', key, files: [read.data] } : null;
    }
    case 'data-check': {
      const read = parts.checkSchema.safeParse(data);
      return read.success ? { kind: 'check', key, check: read.data } : null;
    }
    case 'data-commit': {
      const read = parts.commitDataSchema.safeParse(data);
      return read.success ? { kind: 'commit', key, commit: read.data } : null;
    }
    case 'data-question': {
      const read = parts.questionSchema.safeParse(data);
      return read.success ? { kind: 'question', key, question: read.data, why: whyUnanswered(list, part) } : null;
    }
    case 'data-env': {
      const read = parts.envSchema.safeParse(data);
      return read.success ? { kind: 'env', key, env: read.data, why: whyUnanswered(list, part) } : null;
    }
    case 'data-notice': {
      const read = parts.noticeSchema.safeParse(data);
      return read.success ? { kind: 'notice', key, notice: read.data } : null;
    }
    default:
      return null;
  }
}
