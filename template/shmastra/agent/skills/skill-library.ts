import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ToolError } from '../tools/tool.ts';
import { searchDocuments, type Found } from './search-documents.ts';

export type Skill = { name: string; description: string };
type Loaded = Skill & { text: string; folder: string };

const MAX_CHARACTERS = 40_000;
const NAME = /^[\w.-]+$/;

/** The skills that come with the agent, and the documentation of the Mastra version that the project has installed. */
export class SkillLibrary {
  readonly #folder: string;
  readonly #documentsFolder: string;
  #skills: Promise<Loaded[]> | undefined;

  constructor(projectDir: string, folder = findSkills(import.meta.dirname)) {
    this.#folder = folder;
    this.#documentsFolder = join(projectDir, 'node_modules', '@mastra', 'core', 'dist', 'docs', 'references');
  }

  async list(): Promise<Skill[]> {
    return (await this.#load()).map(({ name, description }) => ({ name, description }));
  }

  async read(name: string): Promise<string> {
    const skills = await this.#load();
    const skill = skills.find((other) => other.name === name);
    if (skill === undefined)
      throw new ToolError(`There is no skill ${name}. There are: ${skills.map((other) => other.name).join(', ')}`);
    return skill.text;
  }

  /** Documents of Mastra that are about these words. */
  async search(query: string): Promise<Found[]> {
    return searchDocuments(this.#documentsFolder, query);
  }

  /** A document of Mastra, from a character on. */
  async document(name: string, offset = 0): Promise<{ document: string; text: string; next?: number }> {
    const file = basename(name);
    if (!NAME.test(file)) throw new ToolError('This is not the name of a document.');
    const text = await readFile(join(this.#documentsFolder, file), 'utf8').catch(() => undefined);
    if (text === undefined) throw new ToolError(`There is no document ${file}. Search for one with the query.`);
    const shown = text.slice(offset, offset + MAX_CHARACTERS);
    const next = offset + shown.length;
    return { document: file, text: shown, ...(next < text.length ? { next } : {}) };
  }

  #load(): Promise<Loaded[]> {
    return (this.#skills ??= loadSkills(this.#folder));
  }
}

async function loadSkills(folder: string): Promise<Loaded[]> {
  const names = (await readdir(folder)).toSorted();
  const texts = await Promise.all(
    names.map((name) => readFile(join(folder, name, 'SKILL.md'), 'utf8').catch(() => undefined)),
  );
  return texts.flatMap((text, index) => {
    const name = names[index];
    if (text === undefined || name === undefined) return [];
    const description = /^description: *(.+)$/m.exec(text)?.[1] ?? '';
    return [{ name, description, text: text.replace(/^---\n[\s\S]*?\n---\n+/, ''), folder: join(folder, name) }];
  });
}

/** The folder lies beside the sources' folder, and beside `dist` when these files are built. */
function findSkills(from: string): string {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'skills', 'mastra', 'SKILL.md'))) return join(folder, 'skills');
  }
  throw new Error('the folder with the skills is missing');
}
