import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { NotFoundError } from '../api/errors.ts';
import { writeFileAtomic } from '../state/atomic-file.ts';
import { DEFAULT_TAG, parseTemplateName } from './names.ts';
import { type Build, buildSchema, type Template, templateSchema } from './records.ts';

/** Builds that no tag points to and that are kept per template, for their logs. */
const KEPT_BUILDS = 10;
/** A build that was requested and never started is forgotten after this. */
const WAITING_MS = 24 * 3600_000;

/** Templates and builds: in memory, and as one JSON file each in `<dir>/templates` and `<dir>/builds`. */
export class TemplateStore {
  readonly #dir: string;
  readonly #now: () => number;
  readonly #templates = new Map<string, Template>();
  readonly #builds = new Map<string, Build>();
  /** The last write of each file: a later one starts after it. */
  readonly #writes = new Map<string, Promise<void>>();

  private constructor(dir: string, now: () => number) {
    this.#dir = dir;
    this.#now = now;
  }

  /** Reads what is there. Builds that were running when the engine ended are failed. */
  static async open(
    dir: string,
    now: () => number,
    onProblem: (file: string, error: unknown) => void,
  ): Promise<TemplateStore> {
    const store = new TemplateStore(dir, now);
    for (const template of await readAll(path.join(dir, 'templates'), templateSchema, onProblem)) {
      store.#templates.set(template.templateID, template);
    }
    for (const build of await readAll(path.join(dir, 'builds'), buildSchema, onProblem)) {
      store.#builds.set(build.buildID, build);
      if (build.status === 'building') {
        await store.finish(build, {
          status: 'error',
          reason: { message: 'The engine was restarted during this build.' },
        });
      }
    }
    return store;
  }

  logFile(buildID: string): string {
    return path.join(this.#dir, 'builds', `${buildID}.log`);
  }

  templates(): Template[] {
    return [...this.#templates.values()];
  }

  builds(templateID?: string): Build[] {
    return [...this.#builds.values()].filter((build) => templateID === undefined || build.templateID === templateID);
  }

  findTemplate(nameOrId: string): Template | undefined {
    // Snapshots are known by their name or id with a tag.
    const [name = ''] = nameOrId.split(':');
    return this.#templates.get(name) ?? this.templates().find((template) => template.name === name);
  }

  /** @throws NotFoundError */
  template(nameOrId: string): Template {
    const template = this.findTemplate(nameOrId);
    if (!template) throw new NotFoundError(`template '${nameOrId}' not found`);
    return template;
  }

  /** @throws NotFoundError */
  build(templateID: string, buildID: string): Build {
    const build = this.#builds.get(buildID);
    if (build?.templateID !== templateID) throw new NotFoundError(`build '${buildID}' of '${templateID}' not found`);
    return build;
  }

  /** The newest successful build of `name`, `name:tag` or an id (with or without `:tag`). */
  findReady(nameOrId: string): { template: Template; build: Build } | undefined {
    const { name, tag } = parseTemplateName(nameOrId);
    const template = this.findTemplate(name);
    const build = this.#builds.get(template?.tags[tag ?? DEFAULT_TAG]?.buildID ?? '');
    return template && build?.status === 'ready' ? { template, build } : undefined;
  }

  /** As findReady. @throws NotFoundError in E2B's words */
  ready(nameOrId: string): { template: Template; build: Build } {
    const found = this.findReady(nameOrId);
    if (found) return found;
    const { name, tag } = parseTemplateName(nameOrId);
    const problem =
      tag !== undefined && this.findTemplate(name)
        ? `tag '${tag}' does not exist for template '${name}'`
        : `template '${name}' not found`;
    throw new NotFoundError(problem);
  }

  /** A new build of the template with this name, which is made when there is none. */
  async request(name: string, tags: string[], size: { cpuCount: number; memoryMb: number }): Promise<Build> {
    const createdAt = new Date(this.#now()).toISOString();
    let template = this.findTemplate(name);
    if (!template) {
      template = { templateID: randomBytes(10).toString('hex'), name, createdAt, tags: {} };
      await this.#saveTemplate(template);
    }
    const { templateID } = template;
    const build: Build = { buildID: randomUUID(), templateID, tags, status: 'waiting', createdAt, ...size };
    await this.saveBuild(build);
    return build;
  }

  /**
   * A build that is ready from the start, of the template with this name, which is made when there is none; without a
   * name it is called by its id. Until the template is written down, a crash leaves a build that nothing points to.
   */
  async addReady(
    name: string | undefined,
    tag: string,
    snapshotOf: string,
    content: Pick<Build, 'cpuCount' | 'memoryMb' | 'result'>,
  ): Promise<Template> {
    const createdAt = new Date(this.#now()).toISOString();
    let template = name === undefined ? undefined : this.findTemplate(name);
    if (!template) {
      const templateID = randomBytes(10).toString('hex');
      template = { templateID, name: name ?? templateID, snapshotOf, createdAt, tags: {} };
      // Known before the first wait, so that another one of the same name finds it.
      this.#templates.set(templateID, template);
    }
    const { templateID } = template;
    const times = { createdAt, finishedAt: createdAt };
    try {
      const build: Build = { buildID: randomUUID(), templateID, tags: [tag], status: 'ready', ...times, ...content };
      await this.saveBuild(build);
      await this.setTags(templateID, [tag], build.buildID);
    } catch (error) {
      if (Object.keys(this.template(templateID).tags).length === 0) this.#templates.delete(templateID);
      throw error;
    }
    return this.template(templateID);
  }

  async saveBuild(build: Build): Promise<void> {
    this.#builds.set(build.buildID, build);
    await this.#writeBuild(build);
  }

  /** Ends a build; a successful one becomes what its tags mean, at once: who sees that it is ready may use its names. */
  async finish(build: Build, outcome: Pick<Build, 'status' | 'reason' | 'result'>): Promise<void> {
    const finished = { ...build, ...outcome, finishedAt: new Date(this.#now()).toISOString() };
    await this.#writeBuild(finished);
    this.#builds.set(finished.buildID, finished);
    if (outcome.status === 'ready') await this.setTags(build.templateID, build.tags, build.buildID);
  }

  async setTags(templateID: string, tags: string[], buildID: string): Promise<void> {
    const template = this.template(templateID);
    const entry = { buildID, createdAt: new Date(this.#now()).toISOString() };
    const added = Object.fromEntries(tags.map((tag) => [tag, entry]));
    await this.#saveTemplate({ ...template, tags: { ...template.tags, ...added } });
  }

  async setPublic(templateID: string, isPublic: boolean): Promise<void> {
    await this.#saveTemplate({ ...this.template(templateID), public: isPublic });
  }

  async removeTags(templateID: string, tags: string[]): Promise<void> {
    const template = this.template(templateID);
    const left = Object.entries(template.tags).filter(([tag]) => !tags.includes(tag));
    await this.#saveTemplate({ ...template, tags: Object.fromEntries(left) });
  }

  async removeTemplate(templateID: string): Promise<void> {
    this.#templates.delete(templateID);
    await rm(path.join(this.#dir, 'templates', `${templateID}.json`), { force: true });
    await this.forgetOldBuilds();
  }

  /** Drops builds that nothing points to any more; their layers become free. */
  async forgetOldBuilds(): Promise<void> {
    const tagged = new Set(this.templates().flatMap(({ tags }) => Object.values(tags).map(({ buildID }) => buildID)));
    const kept = new Map<string, number>();
    const newestFirst = this.builds().toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
    for (const build of newestFirst) {
      const { buildID, templateID, status } = build;
      const age = this.#now() - Date.parse(build.createdAt);
      if (tagged.has(buildID) || status === 'building' || (status === 'waiting' && age < WAITING_MS)) continue;
      const count = (kept.get(templateID) ?? 0) + 1;
      kept.set(templateID, count);
      if (count <= KEPT_BUILDS && status !== 'waiting' && this.#templates.has(templateID)) continue;
      this.#builds.delete(buildID);
      await rm(path.join(this.#dir, 'builds', `${buildID}.json`), { force: true });
      await rm(this.logFile(buildID), { force: true });
    }
  }

  #writeBuild(build: Build): Promise<void> {
    return this.#save(path.join(this.#dir, 'builds', `${build.buildID}.json`), build);
  }

  async #saveTemplate(template: Template): Promise<void> {
    this.#templates.set(template.templateID, template);
    await this.#save(path.join(this.#dir, 'templates', `${template.templateID}.json`), template);
  }

  async #save(file: string, value: unknown): Promise<void> {
    const before = this.#writes.get(file) ?? Promise.resolve();
    const write = before.catch(() => {}).then(() => save(file, value));
    this.#writes.set(file, write);
    try {
      await write;
    } finally {
      if (this.#writes.get(file) === write) this.#writes.delete(file);
    }
  }
}

async function save(file: string, value: unknown): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFileAtomic(file, `${JSON.stringify(value, null, 1)}\n`);
}

async function readAll<Schema extends z.ZodType>(
  dir: string,
  schema: Schema,
  onProblem: (file: string, error: unknown) => void,
): Promise<z.infer<Schema>[]> {
  const names = await readdir(dir).catch((): string[] => []);
  const found: z.infer<Schema>[] = [];
  // What an engine that was killed was writing.
  for (const name of names.filter((file) => file.endsWith('.tmp'))) await rm(path.join(dir, name), { force: true });
  for (const name of names.filter((file) => file.endsWith('.json'))) {
    try {
      found.push(schema.parse(JSON.parse(await readFile(path.join(dir, name), 'utf8'))));
    } catch (error) {
      onProblem(path.join(dir, name), error);
    }
  }
  return found;
}
