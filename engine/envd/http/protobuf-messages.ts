/**
 * The messages of spec/envd/{process,filesystem}/*.proto in e2b-dev/infra as tables. A field is its number, its name in
 * JSON and its type: a scalar, an enum, `map` for strings by strings, or the name of another message.
 */
export type Field = [number: number, name: string, type: string, isRepeated?: 'repeated'];

/** Numbers of enum values, by the enum's name. */
export const ENUMS: Record<string, Record<string, number>> = {
  FileType: { FILE_TYPE_UNSPECIFIED: 0, FILE_TYPE_FILE: 1, FILE_TYPE_DIRECTORY: 2, FILE_TYPE_SYMLINK: 3 },
  EventType: {
    EVENT_TYPE_UNSPECIFIED: 0,
    EVENT_TYPE_CREATE: 1,
    EVENT_TYPE_WRITE: 2,
    EVENT_TYPE_REMOVE: 3,
    EVENT_TYPE_RENAME: 4,
    EVENT_TYPE_CHMOD: 5,
  },
  Signal: { SIGNAL_UNSPECIFIED: 0, SIGNAL_SIGTERM: 15, SIGNAL_SIGKILL: 9 },
};

const ENTRY: Field[] = [[1, 'entry', 'EntryInfo']];
const PATH: Field[] = [[1, 'path', 'string']];
const WATCHER_ID: Field[] = [[1, 'watcherId', 'string']];
const EVENT: Field[] = [[1, 'event', 'ProcessEvent']];
const SELECTED: Field[] = [[1, 'process', 'ProcessSelector']];
const WATCH: Field[] = [
  [1, 'path', 'string'],
  [2, 'recursive', 'bool'],
  [3, 'includeEntry', 'bool'],
  [4, 'allowNetworkMounts', 'bool'],
];

export const MESSAGES: Record<string, Field[]> = {
  Empty: [],
  /** How protobuf writes one entry of a map. */
  MapEntry: [
    [1, 'key', 'string'],
    [2, 'value', 'string'],
  ],
  // process.proto
  PTY: [[1, 'size', 'Size']],
  Size: [
    [1, 'cols', 'uint32'],
    [2, 'rows', 'uint32'],
  ],
  ProcessConfig: [
    [1, 'cmd', 'string'],
    [2, 'args', 'string', 'repeated'],
    [3, 'envs', 'map'],
    [4, 'cwd', 'string'],
  ],
  ProcessSelector: [
    [1, 'pid', 'uint32'],
    [2, 'tag', 'string'],
  ],
  ProcessInfo: [
    [1, 'config', 'ProcessConfig'],
    [2, 'pid', 'uint32'],
    [3, 'tag', 'string'],
  ],
  ProcessInput: [
    [1, 'stdin', 'bytes'],
    [2, 'pty', 'bytes'],
  ],
  ProcessEvent: [
    [1, 'start', 'ProcessStarted'],
    [2, 'data', 'ProcessData'],
    [3, 'end', 'ProcessEnded'],
    [4, 'keepalive', 'Empty'],
  ],
  ProcessStarted: [[1, 'pid', 'uint32']],
  ProcessData: [
    [1, 'stdout', 'bytes'],
    [2, 'stderr', 'bytes'],
    [3, 'pty', 'bytes'],
  ],
  ProcessEnded: [
    [1, 'exitCode', 'sint32'],
    [2, 'exited', 'bool'],
    [3, 'status', 'string'],
    [4, 'error', 'string'],
  ],
  ListRequest: [],
  ListResponse: [[1, 'processes', 'ProcessInfo', 'repeated']],
  StartRequest: [
    [1, 'process', 'ProcessConfig'],
    [2, 'pty', 'PTY'],
    [3, 'tag', 'string'],
    [4, 'stdin', 'bool'],
  ],
  StartResponse: EVENT,
  ConnectRequest: SELECTED,
  ConnectResponse: EVENT,
  UpdateRequest: [...SELECTED, [2, 'pty', 'PTY']],
  UpdateResponse: [],
  SendInputRequest: [...SELECTED, [2, 'input', 'ProcessInput']],
  SendInputResponse: [],
  StreamInputRequest: [
    [1, 'start', 'StreamInputStarted'],
    [2, 'data', 'StreamInputData'],
    [3, 'keepalive', 'Empty'],
  ],
  StreamInputStarted: SELECTED,
  StreamInputData: [[2, 'input', 'ProcessInput']],
  StreamInputResponse: [],
  SendSignalRequest: [...SELECTED, [2, 'signal', 'Signal']],
  SendSignalResponse: [],
  CloseStdinRequest: SELECTED,
  CloseStdinResponse: [],
  // filesystem.proto
  EntryInfo: [
    [1, 'name', 'string'],
    [2, 'type', 'FileType'],
    [3, 'path', 'string'],
    [4, 'size', 'int64'],
    [5, 'mode', 'uint32'],
    [6, 'permissions', 'string'],
    [7, 'owner', 'string'],
    [8, 'group', 'string'],
    [9, 'modifiedTime', 'timestamp'],
    [10, 'symlinkTarget', 'string'],
    [11, 'metadata', 'map'],
  ],
  FilesystemEvent: [
    [1, 'name', 'string'],
    [2, 'type', 'EventType'],
    [3, 'entry', 'EntryInfo'],
  ],
  StatRequest: PATH,
  StatResponse: ENTRY,
  MakeDirRequest: PATH,
  MakeDirResponse: ENTRY,
  MoveRequest: [
    [1, 'source', 'string'],
    [2, 'destination', 'string'],
  ],
  MoveResponse: ENTRY,
  ListDirRequest: [...PATH, [2, 'depth', 'uint32']],
  ListDirResponse: [[1, 'entries', 'EntryInfo', 'repeated']],
  RemoveRequest: PATH,
  RemoveResponse: [],
  WatchDirRequest: WATCH,
  WatchDirResponse: [
    [1, 'start', 'Empty'],
    [2, 'filesystem', 'FilesystemEvent'],
    [3, 'keepalive', 'Empty'],
  ],
  CreateWatcherRequest: WATCH,
  CreateWatcherResponse: WATCHER_ID,
  GetWatcherEventsRequest: WATCHER_ID,
  GetWatcherEventsResponse: [[1, 'events', 'FilesystemEvent', 'repeated']],
  RemoveWatcherRequest: WATCHER_ID,
  RemoveWatcherResponse: [],
};
