import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parseUsers, Users } from './users.ts';

it('reads users with their supplementary groups', () => {
  const users = parseUsers(
    'root:x:0:0:root:/root:/bin/bash\nuser:x:1000:1000:,,,:/home/user:/bin/zsh\nbroken\nodd:x::5::/:\nno:x:a:b::/:\n',
    'sudo:x:27:user,other\nuser:x:1000:user\ndocker:x:999:user\n',
  );
  expect([...users.keys()]).toEqual(['root', 'user']);
  expect(users.get('user')).toEqual({
    name: 'user',
    uid: 1000,
    gid: 1000,
    groups: [27, 999],
    home: '/home/user',
    shell: '/bin/zsh',
  });
});

it('sees users that are added later, and refuses unknown ones', async () => {
  const etc = await mkdtemp(path.join(tmpdir(), 'envd-users-'));
  try {
    const users = new Users(etc);
    expect(() => users.find('user')).toThrowError(expect.objectContaining({ code: 'unauthenticated', status: 401 }));
    await writeFile(path.join(etc, 'passwd'), 'user:x:1000:1000::/home/user:\n');
    await writeFile(path.join(etc, 'group'), 'staff:x:50:\n');
    expect(users.find('user')).toMatchObject({ uid: 1000, shell: '/bin/sh' });
    expect([users.nameOf(1000), users.nameOf(7), users.groupNameOf(50), users.groupNameOf(7)]).toEqual([
      'user',
      '7',
      'staff',
      '7',
    ]);
  } finally {
    await rm(etc, { recursive: true });
  }
});
