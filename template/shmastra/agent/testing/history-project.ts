import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { History } from '../history/history.ts';
import type { Commit } from '../history/types.ts';

/** A folder with a history, and short ways to change it. */
export class HistoryProject {
  readonly projectDir = mkdtempSync(join(tmpdir(), 'history-'));
  readonly history = new History({ projectDir: this.projectDir });

  write(name: string, content: string | Buffer): void {
    const file = join(this.projectDir, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  read(name: string): string | undefined {
    const file = join(this.projectDir, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  delete(name: string): void {
    rmSync(join(this.projectDir, name), { recursive: true });
  }

  git(...args: string[]): string {
    const identity = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@localhost'];
    return execFileSync('git', [...identity, ...args], {
      cwd: this.projectDir,
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  }

  /** Writes a file and commits it as a turn of the agent does. */
  async change(message: string, files: Record<string, string>): Promise<Commit> {
    // The history begins with what is there.
    await this.history.state();
    for (const [name, content] of Object.entries(files)) this.write(name, content);
    const commit = await this.history.commitAll({ message, kind: 'change', by: 'agent' });
    if (commit === null) throw new Error('nothing has changed');
    return commit;
  }

  remove(): void {
    rmSync(this.projectDir, { recursive: true, force: true });
  }
}
