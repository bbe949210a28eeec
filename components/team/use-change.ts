'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import * as z from 'zod/mini';

import { callApi, type ApiError } from '../api/call.ts';

export type Change = {
  method: 'POST' | 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
  /** What has happened and what is kept, told when it has. */
  done: string;
  undo?: Change;
  /** The answer has a link, which is shown under this title. */
  link?: { title: string; label: string };
};

export type Outcome =
  | { kind: 'done'; text: string; undo: Change | null }
  | { kind: 'link'; text: string; title: string; label: string; url: string }
  | { kind: 'failed'; error: ApiError };

const done = z.object({ done: z.literal(true) });
const link = z.object({ url: z.string() });

/** Makes changes to the team, one at a time, and keeps what came of the last one until the next. */
export function useChange() {
  const router = useRouter();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [busy, setBusy] = useState(false);

  async function change(next: Change): Promise<void> {
    if (busy) return;
    setBusy(true);
    setOutcome(null);
    const made = await make(next);
    setBusy(false);
    setOutcome(made);
    router.refresh();
  }

  return { change, outcome, close: () => setOutcome(null), busy };
}

async function make({ method, path, body, ...said }: Change): Promise<Outcome> {
  if (said.link) {
    const result = await callApi(method, path, link, body);
    return result.ok
      ? { kind: 'link', text: said.done, ...said.link, url: result.value.url }
      : { kind: 'failed', error: result.error };
  }
  const result = await callApi(method, path, done, body);
  return result.ok
    ? { kind: 'done', text: said.done, undo: said.undo ?? null }
    : { kind: 'failed', error: result.error };
}
