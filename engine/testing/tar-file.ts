import { Header } from 'tar';

export type TarEntry = {
  path: string;
  content?: string | Buffer;
  type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'BlockDevice' | 'FIFO';
  linkpath?: string;
  mode?: number;
  uid?: number;
  gid?: number;
  device?: [number, number];
  /** Extended attributes, as GNU tar and Docker write them. */
  xattrs?: Record<string, string | Buffer>;
};

/** A tar archive with exactly these entries, whatever tools would say about their names. */
export function tarFile(entries: TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(encode), Buffer.alloc(1024)]);
}

function encode({ content = '', type = 'File', xattrs, device, ...entry }: TarEntry): Buffer[] {
  const body = Buffer.from(content);
  const header = new Header({
    ...{ mode: type === 'Directory' ? 0o755 : 0o644, uid: 0, gid: 0, size: body.length, mtime: new Date(0), type },
    ...(device === undefined ? {} : { devmaj: device[0], devmin: device[1] }),
    ...entry,
  });
  header.encode();
  const extended = Object.entries(xattrs ?? {}).map(([name, value]) =>
    record(`SCHILY.xattr.${name}`, Buffer.from(value)),
  );
  if (extended.length === 0) return [block(header), padded(body)];
  const attributes = Buffer.concat(extended);
  const before = new Header({
    path: 'PaxHeader',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: attributes.length,
    mtime: new Date(0),
    type: 'ExtendedHeader',
  });
  before.encode();
  return [block(before), padded(attributes), block(header), padded(body)];
}

function block({ block }: Header): Buffer {
  if (block === undefined) throw new Error('the entry cannot be written');
  return block;
}

const padded = (body: Buffer) => Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)]);

/** `<length> <name>=<value>\n`, the length being that of the whole. */
function record(name: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${name}=`), value, Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
