'use client';

import { useEffect, useState } from 'react';

import { Button } from './button.tsx';

const SHOWN_MILLISECONDS = 2_000;

/** Copies a text and says so. Where the browser gives no clipboard (plain http) it says how to go on. */
export function CopyButton({ text, label, className }: { text: string; label: string; className?: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), SHOWN_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [state]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      setState(copyBySelection(text) ? 'copied' : 'refused');
    }
  }

  const words = { idle: label, copied: 'Copied', refused: 'Select and copy by hand' };
  return (
    <Button onClick={() => void copy()} className={className}>
      <span aria-live="polite">{words[state]}</span>
    </Button>
  );
}

/** The clipboard API exists only on https and localhost; the older way works on a plain http address as well. */
function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'sr-only';
  document.body.append(area);
  area.select();
  try {
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    area.remove();
  }
}
