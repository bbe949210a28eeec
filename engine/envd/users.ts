import { readFileSync, statSync } from 'node:fs';
import { EnvdError } from './http/errors.ts';

export type User = {
  name: string;
  uid: number;
  gid: number;
  /** Supplementary groups, without the primary one. */
  groups: number[];
  home: string;
  shell: string;
};

/** Looks up the sandbox's own users; reads /etc/passwd and /etc/group again when they change. */
export class Users {
  readonly #etc: string;
  #version = '';
  #users = new Map<string, User>();
  #groups = new Map<number, string>();

  /** @param etc Folder of passwd and group; another one in tests. */
  constructor(etc = '/etc') {
    this.#etc = etc;
  }

  /** @throws EnvdError unauthenticated, as E2B answers an unknown user. */
  find(name: string): User {
    this.#refresh();
    const user = this.#users.get(name);
    if (!user) throw new EnvdError('unauthenticated', `invalid username: '${name}'`);
    return user;
  }

  /** The owner's name for a uid or the number itself. */
  nameOf(uid: number): string {
    this.#refresh();
    for (const user of this.#users.values()) if (user.uid === uid) return user.name;
    return String(uid);
  }

  /** The group's name for a gid or the number itself. */
  groupNameOf(gid: number): string {
    this.#refresh();
    return this.#groups.get(gid) ?? String(gid);
  }

  #refresh(): void {
    const version = ['passwd', 'group'].map((file) => fileVersion(`${this.#etc}/${file}`)).join();
    if (version === this.#version) return;
    const group = readText(`${this.#etc}/group`);
    this.#users = parseUsers(readText(`${this.#etc}/passwd`), group);
    this.#groups = parseGroupNames(group);
    this.#version = version;
  }
}

function fileVersion(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat ? `${stat.ino}.${stat.mtimeNs}.${stat.size}` : 'missing';
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Parses passwd(5) and group(5); malformed lines are skipped, the first entry of a name wins. */
export function parseUsers(passwd: string, group: string): Map<string, User> {
  const members = new Map<string, number[]>();
  for (const line of group.split('\n')) {
    const [, , gid, names] = line.split(':');
    if (!gid || !names) continue;
    for (const name of names.split(',')) members.set(name, [...(members.get(name) ?? []), Number(gid)]);
  }
  const users = new Map<string, User>();
  for (const line of passwd.split('\n')) {
    const [name, , uidText, gidText, , home, shell] = line.split(':');
    const uid = Number(uidText || 'x');
    const gid = Number(gidText || 'x');
    if (!name || users.has(name) || !Number.isInteger(uid) || !Number.isInteger(gid)) continue;
    const groups = (members.get(name) ?? []).filter((id) => id !== gid && Number.isInteger(id));
    users.set(name, { name, uid, gid, groups, home: home || '/', shell: shell || '/bin/sh' });
  }
  return users;
}

/** Group names by id, for directory entries. */
export function parseGroupNames(group: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of group.split('\n')) {
    const [name, , gid] = line.split(':');
    if (name && gid && !names.has(Number(gid))) names.set(Number(gid), name);
  }
  return names;
}
