import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keepAsking } from './keep-asking.ts';
import { copyProject } from './project.ts';
import { RunningRunner } from './running-runner.ts';
import { installTools } from './tools.ts';

/** A file that every version imports, and that a test replaces with what should go wrong. */
const FAULT = 'src/mastra/fault.ts';
export const SOUND = 'export const fault = undefined;\n';

type Options = {
  /** Files to write before the runner starts. */
  files?: Record<string, string>;
  settings?: Record<string, string>;
  dependencies?: string[];
};

/** A copy of the starter project with a runner on it, to be broken and mended. */
export class EditedProject {
  readonly runner: RunningRunner;
  readonly projectDir: string;
  readonly #remove: () => Promise<void>;

  static async start({ files = {}, settings = {}, dependencies = [] }: Options = {}): Promise<EditedProject> {
    const tools = await installTools();
    const { projectDir, remove } = await copyProject(tools, dependencies);
    const index = join(projectDir, 'src/mastra/index.ts');
    await writeFile(index, `import './fault';\n${await readFile(index, 'utf8')}`);
    for (const [path, text] of Object.entries({ [FAULT]: SOUND, ...files })) {
      await writeFile(join(projectDir, path), text);
    }
    const runner = await RunningRunner.start(tools, projectDir, { settings });
    const project = new EditedProject(runner, projectDir, remove);
    await runner
      .until(({ state }) => state === 'ready')
      .catch(async (error: unknown) => {
        await project.stop();
        throw error;
      });
    return project;
  }

  private constructor(runner: RunningRunner, projectDir: string, remove: () => Promise<void>) {
    this.runner = runner;
    this.projectDir = projectDir;
    this.#remove = remove;
  }

  async write(text: string, path = FAULT): Promise<void> {
    await writeFile(join(this.projectDir, path), text);
  }

  /** Saves something that is wrong while requests come in; gives the report that says so, and how they were answered. */
  async break(text: string, path = FAULT) {
    const asking = keepAsking(async () => (await this.runner.get('/api/agents')).status);
    const started = performance.now();
    await this.write(text, path);
    try {
      const report = await this.runner.until(({ state, error }) => state === 'ready' && error !== undefined, 60_000);
      return { report, ms: performance.now() - started, statuses: new Set(await asking.stop()) };
    } finally {
      await asking.stop();
    }
  }

  /** Undoes what `break` did, and waits until that is live. */
  async mend(): Promise<void> {
    await this.write(SOUND);
    await this.runner.release();
    // What was saved before may have gone live as well: this is the last.
    await this.runner.goLive();
    await this.runner.until(({ state, error }) => state === 'ready' && error === undefined);
  }

  async stop(): Promise<void> {
    await this.runner.stop();
    await this.#remove();
  }
}
