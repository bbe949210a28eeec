'use client';

import { useEffect, useState } from 'react';

import { askWake } from './ask-wake.ts';
import { browserPorts } from './browser-ports.ts';
import { wakeWorkspace } from './wake.ts';
import type { Problem } from './workspace-view.ts';

/** Asks for the wake while it is wanted. A visit is the click that wakes; after a refusal a button asks again. */
export function useWake(wanted: boolean): { problem: Problem | null; again: () => void } {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    setProblem(null);
    if (!wanted) return;
    return wakeWorkspace({ ask: askWake, after: browserPorts.after }, setProblem);
  }, [wanted, round]);
  return { problem, again: () => setRound((count) => count + 1) };
}
