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
};

export type Outcome = { kind: 'done'; text: string; undo: Change | null } | { kind: 'failed'; error: ApiError };

/** Makes changes to the team, one at a time, and keeps what came of the last one until the next. */
export function useChange() {
  const router = useRouter();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [busy, setBusy] = useState(false);

  async function change(next: Change): Promise<void> {
    if (busy) return;
    setBusy(true);
    setOutcome(null);
    const result = await callApi(next.method, next.path, z.object({ done: z.literal(true) }), next.body);
    setBusy(false);
    setOutcome(
      result.ok ? { kind: 'done', text: next.done, undo: next.undo ?? null } : { kind: 'failed', error: result.error },
    );
    router.refresh();
  }

  return { change, outcome, busy };
}
