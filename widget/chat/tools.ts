import type { ToolPart } from '../api/parts.ts';

export type ToolIcon =
  | 'file'
  | 'edit'
  | 'trash'
  | 'folder'
  | 'search'
  | 'terminal'
  | 'play'
  | 'book'
  | 'plug'
  | 'undo'
  | 'question'
  | 'key'
  | 'plan'
  | 'tool';

export type ToolWords = { icon: ToolIcon; doing: string; did: string };

const WORDS: Record<string, ToolWords> = {
  read_file: { icon: 'file', doing: 'Reading', did: 'Read' },
  read_document: { icon: 'file', doing: 'Reading', did: 'Read' },
  read_skill: { icon: 'book', doing: 'Reading', did: 'Read' },
  write_file: { icon: 'edit', doing: 'Writing', did: 'Wrote' },
  edit_file: { icon: 'edit', doing: 'Editing', did: 'Edited' },
  delete_file: { icon: 'trash', doing: 'Deleting', did: 'Deleted' },
  list_files: { icon: 'folder', doing: 'Listing', did: 'Listed' },
  list_project: { icon: 'folder', doing: 'Listing the project', did: 'Listed the project' },
  search_files: { icon: 'search', doing: 'Searching', did: 'Searched' },
  search_mcp_servers: { icon: 'plug', doing: 'Searching MCP servers', did: 'Searched MCP servers' },
  list_composio_toolkits: { icon: 'plug', doing: 'Listing toolkits', did: 'Listed toolkits' },
  run_command: { icon: 'terminal', doing: 'Running', did: 'Ran' },
  run_agent: { icon: 'play', doing: 'Running agent', did: 'Ran agent' },
  run_workflow: { icon: 'play', doing: 'Running workflow', did: 'Ran workflow' },
  get_trace: { icon: 'search', doing: 'Reading trace', did: 'Read trace' },
  apply_changes: { icon: 'play', doing: 'Applying changes', did: 'Applied changes' },
  update_plan: { icon: 'plan', doing: 'Updating the plan', did: 'Updated the plan' },
  ask_user: { icon: 'question', doing: 'Asking you', did: 'Asked you' },
  ask_env_vars: { icon: 'key', doing: 'Asking for keys', did: 'Asked for keys' },
  undo: { icon: 'undo', doing: 'Undoing', did: 'Undid' },
};

const READS = new Set(['read_file', 'read_document', 'read_skill', 'list_files', 'list_project', 'search_files']);
/** Cards of their own show what these do. */
const SHOWN_ELSEWHERE = new Set(['update_plan', 'ask_user', 'ask_env_vars', 'apply_changes']);

export function toolName(part: ToolPart): string {
  return part.toolName ?? part.type.replace(/^tool-/, '');
}

export function toolWords(name: string): ToolWords {
  const known = WORDS[name];
  if (known) return known;
  const words = name.replaceAll(/[_-]+/g, ' ').trim();
  const sentence = words.charAt(0).toUpperCase() + words.slice(1);
  return { icon: 'tool', doing: sentence, did: sentence };
}

export const isRead = (name: string): boolean => READS.has(name);
export const isShownElsewhere = (name: string): boolean => SHOWN_ELSEWHERE.has(name);

export type ToolState = 'running' | 'ok' | 'failed';

/** What the agent says of a call that has no result because its turn ended (template/shmastra/agent, `buildParts`). */
const CUT_OFF = 'The turn ended before this was done.';

export const isCutOff = (part: ToolPart): boolean => part.errorText === CUT_OFF;

/** A call that was cut off did not fail: it runs as long as its turn does, and is not finished afterwards. */
export function toolState(part: ToolPart): ToolState {
  if (isCutOff(part)) return 'running';
  if (part.state === 'output-error' || part.state === 'output-denied') return 'failed';
  if (part.state !== 'output-available' || part.preliminary) return 'running';
  return field(part.output, 'exitCode') ? 'failed' : 'ok';
}

const OBJECT_FIELDS = [
  'path',
  'file',
  'command',
  'query',
  'pattern',
  'name',
  'agent',
  'agentId',
  'workflow',
  'workflowId',
  'id',
  'traceId',
];

/** What a call is about: its path, command or query. */
export function toolObject(part: ToolPart): string {
  for (const name of OBJECT_FIELDS) {
    const value = field(part.input, name);
    if (typeof value === 'string' && value !== '') return value.replaceAll(/\s+/g, ' ').slice(0, 200);
  }
  return '';
}

/** The result in a word or three, when it has such a one. */
export function toolResult(part: ToolPart): string {
  if (toolState(part) === 'running') return '';
  if (part.state === 'output-error' || part.state === 'output-denied') return 'Failed';
  const exitCode = field(part.output, 'exitCode');
  if (typeof exitCode === 'number') return exitCode === 0 ? '' : `Exit ${exitCode}`;
  for (const [name, word] of [
    ['lines', 'line'],
    ['matches', 'match'],
    ['entries', 'entry'],
    ['files', 'file'],
    ['servers', 'server'],
  ] as const) {
    const value = field(part.output, name);
    const count = Array.isArray(value) ? value.length : value;
    if (typeof count === 'number') return countOf(count, word);
  }
  return '';
}

export function countOf(count: number, word: string): string {
  if (count === 1) return `1 ${word}`;
  return `${count} ${/(?:ch|s|x)$/.test(word) ? `${word}es` : word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`}`;
}

/** Name for a group of reads: "Read 6 files". */
export function readsTitle(parts: readonly ToolPart[]): string {
  const files = parts.filter((part) => toolName(part).startsWith('read_')).length;
  const searches = parts.filter((part) => toolName(part) === 'search_files').length;
  const lists = parts.length - files - searches;
  const pieces = [
    ...(files ? [`read ${countOf(files, 'file')}`] : []),
    ...(lists ? [`listed ${countOf(lists, 'folder')}`] : []),
    ...(searches ? [`searched ${searches === 1 ? 'once' : `${searches} times`}`] : []),
  ].join(', ');
  return pieces.charAt(0).toUpperCase() + pieces.slice(1);
}

const MAX_SHOWN = 6000;

/** Input or output as text for the opened row. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : printed(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}\n… ${text.length - MAX_SHOWN} more characters` : text;
}

function printed(value: unknown): string {
  // What a command or a file says is text, not JSON.
  const texts = ['stdout', 'stderr', 'content', 'text'].map((name) => field(value, name));
  const found = texts.filter((text) => typeof text === 'string' && text !== '');
  return found.length > 0 ? found.join('\n') : JSON.stringify(value, null, 2);
}

export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
