'use client';

import { useEffect, useState } from 'react';

import { askWake } from './ask-wake.ts';
import { browserPorts } from './browser-ports.ts';
import { wakeWorkspace } from './wake.ts';
import type { Problem } from './workspace-view.ts';

/** Asks for the wake while it is wanted. A visit is the click that wakes; after a refusal a button asks again. */
export function useWake(wanted: boolean): { problem: Problem | null; again: () => void } {
  const [round, setRound] = useState(1);
  const [told, setTold] = useState<{ round: number; problem: Problem } | null>(null);
  useEffect(() => {
    if (!wanted) return;
    return wakeWorkspace({ ask: askWake, after: browserPorts.after }, (problem) => setTold({ round, problem }));
  }, [wanted, round]);
  return { problem: wanted && told?.round === round ? told.problem : null, again: () => setRound(round + 1) };
}
