'use client';

import { useState } from 'react';

const prompts = [
  'What time is it in Tokyo, and is it a good hour to call?',
  'What are agents, tools and workflows? One sentence each.',
  'Suggest three agents that would help a small team.',
] as const;

const SHOWN_MILLISECONDS = 2_000;

/** Something to begin with, for the minute in which there is nothing else to do. */
export function StarterPrompts() {
  const [copied, setCopied] = useState<string | null>(null);
  async function copy(prompt: string) {
    await navigator.clipboard.writeText(prompt).catch(() => {});
    setCopied(prompt);
    setTimeout(() => setCopied((current) => (current === prompt ? null : current)), SHOWN_MILLISECONDS);
  }
  return (
    <section aria-labelledby="starters" className="space-y-2">
      <h2 id="starters" className="font-medium">
        First things to ask your agent
      </h2>
      <ul className="space-y-2">
        {prompts.map((prompt) => (
          <li key={prompt}>
            <button
              type="button"
              onClick={() => void copy(prompt)}
              className="flex min-h-9 w-full items-center gap-3 rounded-control border border-line px-3 py-2 text-left transition-colors duration-120 hover:border-control pointer-coarse:min-h-11"
            >
              {prompt}
              <span aria-live="polite" className="ml-auto shrink-0 text-meta text-muted">
                {copied === prompt ? 'Copied' : 'Copy'}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
