import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Found = { document: string; title: string; excerpt: string };

const MAX_FOUND = 8;
const EXCERPT = 300;
const TITLE_WEIGHT = 20;
/** More mentions of a word than this say nothing more. */
const MAX_MENTIONS = 10;

type Document = { name: string; title: string; text: string; lower: string };
const cache = new Map<string, Promise<Document[]>>();

/** The documents of a folder that are most about the words, each with the place that says so. */
export async function searchDocuments(folder: string, query: string): Promise<Found[]> {
  const words = [...new Set(query.toLowerCase().match(/[\p{L}\p{N}_.@/-]{2,}/gu) ?? [])].slice(0, 12);
  if (words.length === 0) return [];
  const documents = await load(folder);
  const scored = documents.map((document) => ({ document, score: scoreOf(document, words) }));
  return scored
    .filter(({ score }) => score > 0)
    .toSorted((first, second) => second.score - first.score)
    .slice(0, MAX_FOUND)
    .map(({ document }) => ({ document: document.name, title: document.title, excerpt: excerptOf(document, words) }));
}

async function load(folder: string): Promise<Document[]> {
  const known = cache.get(folder);
  if (known !== undefined) return known;
  const loading = readDocuments(folder);
  // Kept for the moment only: they are a few megabytes.
  cache.set(folder, loading);
  setTimeout(() => cache.delete(folder), 60_000).unref();
  return loading;
}

async function readDocuments(folder: string): Promise<Document[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.md'));
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8');
      const title = /^# (.+)$/m.exec(text)?.[1] ?? name;
      return { name, title, text, lower: text.toLowerCase() };
    }),
  );
}

/** Rare words weigh as much as common ones: a query has few, and a document that has all of them comes first. */
function scoreOf({ name, title, lower }: Document, words: string[]): number {
  const heading = `${name} ${title}`.toLowerCase();
  const scores = words.map((word) => {
    const mentions = Math.min(MAX_MENTIONS, lower.split(word).length - 1);
    return mentions + (heading.includes(word) ? TITLE_WEIGHT : 0);
  });
  const matched = scores.filter((score) => score > 0).length;
  return scores.reduce((sum, score) => sum + score, 0) * matched ** 2;
}

function excerptOf({ text, lower }: Document, words: string[]): string {
  const places = words.map((word) => lower.indexOf(word, lower.indexOf('\n'))).filter((place) => place !== -1);
  const start = Math.max(0, Math.min(...places, lower.length) - EXCERPT / 3);
  return text
    .slice(start, start + EXCERPT)
    .replaceAll(/\s+/g, ' ')
    .trim();
}
