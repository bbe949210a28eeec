import { closeSync, type Dirent, lstatSync } from 'node:fs';
import { posix } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { asUser } from '../access/as-user.ts';
import { folderEntries } from '../access/folder-entries.ts';
import { openFolder } from '../access/reach.ts';
import { errnoCode } from '../http/errors.ts';
import type { User } from '../users.ts';
import { addWatch, IN, type Listener, type RawEvent, removeWatch } from './inotify.ts';
import type { EventType } from './messages.ts';

/** A watched folder. */
type Node = {
  /** Relative to the root, which is `.`. */
  name: string;
  /** What was in it when it was found and has been told: its creation may come as an event, too. */
  told: Set<string>;
};

/** What happened; `name` is relative to the root. */
export type TreeEvent = { name: string; type: EventType };

export type TreeOptions = {
  /** Absolute path of the folder to watch. */
  path: string;
  user: User;
  recursive: boolean;
  /** Takes what came in one go, in order. */
  onEvents: (events: TreeEvent[]) => void;
  /** Nothing comes after it. */
  onError: (message: string) => void;
};

/** Most events that are gathered at a time: what the kernel queues, too (fs.inotify.max_queued_events). */
export const MAX_EVENTS = 16_384;
/** How long after a folder was moved away its new place may come, in ms. */
const MOVE_MS = 100;

/** In the order in which E2B's envd tells what one event of the kernel means. */
const TYPES: [number, EventType][] = [
  [IN.CREATE | IN.MOVED_TO, 'EVENT_TYPE_CREATE'],
  [IN.MOVED_FROM | IN.MOVE_SELF, 'EVENT_TYPE_RENAME'],
  [IN.ATTRIB, 'EVENT_TYPE_CHMOD'],
  [IN.MODIFY, 'EVENT_TYPE_WRITE'],
  [IN.DELETE | IN.DELETE_SELF, 'EVENT_TYPE_REMOVE'],
];

/** What is gone or cannot be entered is not watched. */
const PASSED_OVER = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG'];

/** Tells what happens in a folder, and below it when it is watched recursively. */
export class WatchedTree implements Listener {
  readonly #options: TreeOptions;
  readonly #nodes = new Map<number, Node>();
  /** Folders that were moved away: where to is told right after, if it is within the tree. */
  readonly #moved = new Map<number, string>();
  /** Nodes with something in `told`: since the queue was last seen empty, and since the time before. */
  #newNodes: Node[] = [];
  #olderNodes: Node[] = [];
  #events: TreeEvent[] = [];
  #closed = false;

  constructor(options: TreeOptions) {
    this.#options = options;
  }

  /**
   * Resolves when all folders are watched.
   * @throws Error of the system call, for the folder itself or when there are too many
   */
  async start(): Promise<void> {
    try {
      await this.#add('.', false);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    this.#closed = true;
    for (const descriptor of this.#nodes.keys()) removeWatch(descriptor, this);
    this.#nodes.clear();
  }

  onEvent(descriptor: number, event: RawEvent): void {
    const node = this.#nodes.get(descriptor);
    if (!node || this.#closed) return;
    if (event.mask & IN.IGNORED) {
      this.#nodes.delete(descriptor);
      return;
    }
    if (event.name === '') this.#onFolderItself(node, event);
    else this.#onEntry(node, event);
  }

  onIdle(isDrained: boolean): void {
    this.#flush();
    // Where a folder was moved to follows at once: if it does not, the folder has left the tree.
    for (const cookie of this.#moved.keys()) setTimeout(() => this.#forget(cookie), MOVE_MS).unref();
    if (!isDrained) return;
    // What was told by then cannot come as an event any more.
    for (const node of this.#olderNodes) node.told.clear();
    this.#olderNodes = this.#newNodes;
    this.#newNodes = [];
  }

  onError(message: string): void {
    if (this.#closed) return;
    this.#flush();
    this.close();
    this.#options.onError(message);
  }

  #onFolderItself({ name }: Node, event: RawEvent): void {
    // The folder above tells the rest.
    if (name !== '.') return;
    this.#tell('.', event.mask);
    // It has another path now: what would be told is no longer true.
    if (event.mask & IN.MOVE_SELF) {
      this.#flush();
      for (const descriptor of this.#nodes.keys()) removeWatch(descriptor, this);
      this.#nodes.clear();
    }
  }

  #onEntry(node: Node, event: RawEvent): void {
    const name = posix.join(node.name, event.name);
    if (event.mask & (IN.DELETE | IN.MOVED_FROM)) node.told.delete(event.name);
    if (event.mask & IN.CREATE && node.told.delete(event.name)) return;
    this.#tell(name, event.mask);
    if (!this.#options.recursive || !(event.mask & IN.ISDIR)) return;
    if (event.mask & IN.MOVED_FROM) this.#moved.set(event.cookie, name);
    if (event.mask & IN.MOVED_TO && this.#rename(event.cookie, name)) return;
    if (event.mask & (IN.CREATE | IN.MOVED_TO)) {
      this.#add(name, (event.mask & IN.CREATE) !== 0).then(
        () => this.#flush(),
        (error: unknown) => this.onError(error instanceof Error ? error.message : 'watching failed'),
      );
    }
  }

  #rename(cookie: number, to: string): boolean {
    const from = this.#moved.get(cookie);
    if (from === undefined) return false;
    this.#moved.delete(cookie);
    for (const node of this.#nodes.values()) {
      if (isWithin(node.name, from)) node.name = to + node.name.slice(from.length);
    }
    return true;
  }

  #forget(cookie: number): void {
    const from = this.#moved.get(cookie);
    if (from === undefined) return;
    this.#moved.delete(cookie);
    for (const [descriptor, node] of this.#nodes) {
      if (!isWithin(node.name, from)) continue;
      this.#nodes.delete(descriptor);
      removeWatch(descriptor, this);
    }
  }

  #tell(name: string, mask: number): void {
    for (const [bits, type] of TYPES) if (mask & bits) this.#events.push({ name, type });
  }

  #flush(): void {
    if (this.#events.length === 0 || this.#closed) return;
    const events = this.#events;
    this.#events = [];
    this.#options.onEvents(events);
  }

  /** @param isNew What is in the folder was made after its watching began: it is told. */
  async #add(name: string, isNew: boolean): Promise<void> {
    if (this.#closed) return;
    const isRoot = name === '.';
    const path = posix.join(this.#options.path, name);
    let below: string[];
    try {
      below = this.#watchFolder(path, name, isNew);
    } catch (error) {
      if (!isRoot && PASSED_OVER.includes(errnoCode(error) ?? '')) return;
      throw error;
    }
    for (const folder of below) {
      // Others get their turn.
      await setImmediate();
      await this.#add(posix.join(name, folder), isNew);
    }
  }

  /** @returns the names of the folders in it, if they are to be watched */
  #watchFolder(path: string, name: string, isNew: boolean): string[] {
    const { user, recursive } = this.#options;
    const { fd, asRoot } = openFolder(user, path, name === '.' ? 'follow' : 'keep');
    try {
      const node: Node = { name, told: new Set() };
      this.#nodes.set(addWatch(fd, this), node);
      if (!recursive) return [];
      const list = () => {
        const folders: string[] = [];
        for (const entry of folderEntries(`/proc/self/fd/${fd}`)) {
          if (isNew) this.#tellFound(node, entry, `/proc/self/fd/${fd}`);
          if (entry.isDirectory()) folders.push(entry.name);
        }
        return folders;
      };
      if (isNew) this.#newNodes.push(node);
      return asRoot ? list() : asUser(user, list);
    } finally {
      closeSync(fd);
    }
  }

  #tellFound(node: Node, entry: Dirent, folder: string): void {
    if (this.#events.length >= MAX_EVENTS) throw new Error('fsnotify: queue or buffer overflow');
    node.told.add(entry.name);
    const name = posix.join(node.name, entry.name);
    this.#tell(name, IN.CREATE);
    if (!entry.isFile()) return;
    const size = lstatSync(`${folder}/${entry.name}`, { throwIfNoEntry: false })?.size ?? 0;
    if (size > 0) this.#tell(name, IN.MODIFY);
  }
}

function isWithin(name: string, folder: string): boolean {
  return name === folder || name.startsWith(`${folder}/`);
}
