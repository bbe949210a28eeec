import { createHash } from 'node:crypto';
import type { Sandbox } from 'e2b';
import { attempt, type Turn } from './run.ts';
import type { Subject } from './subject.ts';
import { Broken } from './outcomes.ts';

/** Where the files of the soak are, in each sandbox. */
export const FOLDER = '/home/user/soak';
const MAX_BYTES = 200_000;

export const digest = (content: string) => createHash('sha256').update(content).digest('hex');

/** Writes a file (a new one, or over one that is there), by the SDK or in the sandbox, and has it synced. */
export async function writeFile({ run, random }: Turn, subject: Subject, sandbox: Sandbox): Promise<void> {
  const old = random.chance(0.3) ? random.pick([...subject.files.keys()]) : undefined;
  const name = old ?? `f${run.nextNumber()}`;
  const size = random.between(0, MAX_BYTES);
  const path = `${FOLDER}/${name}`;
  const former = subject.files.get(name);
  subject.files.delete(name);
  // Until it is acknowledged anything may be there.
  subject.doubtful.add(name);
  const written = random.chance(0.5)
    ? await attempt(
        run,
        subject,
        'write + fsync by the SDK',
        async () => {
          const content = `${name} ${random.next()} `.repeat(Math.ceil(size / 30));
          await sandbox.files.write(path, content);
          await sandbox.commands.run(`sync ${path}`);
          return digest(content);
        },
        ['command failed'],
      )
    : await attempt(run, subject, 'write + fsync by a command', async () => {
        const command = `mkdir -p ${FOLDER} && head -c ${size} /dev/urandom | dd of=${path} conv=fsync status=none && sha256sum < ${path}`;
        return (await sandbox.commands.run(command)).stdout.slice(0, 64);
      });
  if (!written.ok) {
    if (!written.interrupted) throw new Broken(`a file could not be written: ${written.kind}`);
    return subject.note(`${name} is in doubt (it was ${former?.slice(0, 8) ?? 'not there'})`);
  }
  subject.files.set(name, written.value);
  subject.doubtful.delete(name);
  subject.note(`${name} is ${written.value.slice(0, 8)}`);
}

/** Removes a file and has that synced. */
export async function removeFile({ run, random }: Turn, subject: Subject, sandbox: Sandbox): Promise<void> {
  const name = random.pick([...subject.files.keys()]);
  if (name === undefined) return;
  subject.files.delete(name);
  subject.doubtful.add(name);
  const removed = await attempt(run, subject, 'remove + fsync', () =>
    sandbox.commands.run(`rm ${FOLDER}/${name} && sync ${FOLDER}`),
  );
  if (removed.ok) subject.doubtful.delete(name);
  subject.note(`${name} is ${removed.ok ? 'removed' : 'in doubt'}`);
}

/** Compares every file with what was acknowledged. @throws Broken */
export async function checkFiles({ run, random }: Turn, subject: Subject, sandbox: Sandbox): Promise<void> {
  const listed = await attempt(run, subject, 'check of all files', async () => {
    const command = `mkdir -p ${FOLDER} && cd ${FOLDER} && find . -type f -exec sha256sum {} +`;
    return (await sandbox.commands.run(command)).stdout;
  });
  if (!listed.ok) return;
  const found = new Map(
    listed.value
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(68), line.slice(0, 64)]),
  );
  const wrong = [
    ...[...subject.files].flatMap(([name, hash]) => {
      const is = found.get(name);
      return is === hash ? [] : [`${name} is ${is?.slice(0, 8) ?? 'missing'} instead of ${hash.slice(0, 8)}`];
    }),
    ...[...found.keys()]
      .filter((name) => !subject.files.has(name) && !subject.doubtful.has(name))
      .map((name) => `${name} should not be there`),
  ];
  if (wrong.length > 0) throw new Broken(`files are not as they were acknowledged: ${wrong.join(', ')}`);
  await readOne({ run, random }, subject, sandbox);
}

/** The same by the SDK's own way to read. */
async function readOne({ run, random }: Turn, subject: Subject, sandbox: Sandbox): Promise<void> {
  const [name, hash] = random.pick([...subject.files]) ?? [];
  if (name === undefined) return;
  const read = await attempt(run, subject, 'read by the SDK', () =>
    sandbox.files.read(`${FOLDER}/${name}`, { format: 'bytes' }),
  );
  if (!read.ok) return;
  const is = createHash('sha256').update(read.value).digest('hex');
  if (is !== hash) throw new Broken(`${name} read by the SDK is ${is.slice(0, 8)} instead of ${hash?.slice(0, 8)}`);
}
