'use client';

import { useEffect, useState, type ReactNode, type SubmitEvent } from 'react';
import * as z from 'zod/mini';

import { callApi, type ApiError } from '../api/call.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';

type AuthFormProps = {
  /** The route that takes the form, as JSON from here or as a plain form before the script has loaded. */
  action: string;
  submit: string;
  busy: string;
  /** What went wrong with a plain form post; shown until the next attempt. */
  initialError?: ApiError | undefined;
  children: ReactNode;
};

const answer = z.object({ next: z.string() });

/** A form of the way in: one request, its error in place, and on success straight to where the person wants to be. */
export function AuthForm({ action, submit, busy, initialError, children }: AuthFormProps) {
  const [error, setError] = useState<ApiError | undefined>(initialError);
  const [working, setWorking] = useState(false);
  const wait = useCountdown(error);

  async function onSubmit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (working || wait > 0) return;
    setWorking(true);
    setError(undefined);
    const values = Object.fromEntries(new FormData(event.currentTarget));
    const result = await callApi('POST', action, answer, values);
    if (result.ok) {
      window.location.assign(result.value.next);
      return;
    }
    setWorking(false);
    setError(result.error);
  }

  return (
    <form method="post" action={action} onSubmit={(event) => void onSubmit(event)} className="space-y-4">
      {children}
      <Button type="submit" look="primary" className="w-full" disabled={wait > 0} aria-busy={working}>
        <span className="tabular-nums">{working ? busy : wait > 0 ? `Try again in ${wait} s` : submit}</span>
      </Button>
      {error ? (
        <Notice tone="bad" title={error.message}>
          {error.next ? <p>{error.next}</p> : null}
        </Notice>
      ) : null}
    </form>
  );
}

/** Whole seconds until a rate limit lets the person try again; 0 when there is none. */
function useCountdown(error: ApiError | undefined): number {
  const [left, setLeft] = useState(error?.retryAfterSeconds ?? 0);
  useEffect(() => {
    const total = error?.retryAfterSeconds ?? 0;
    setLeft(total);
    if (total === 0) return;
    const end = Date.now() + total * 1_000;
    const timer = setInterval(() => {
      const rest = Math.max(0, Math.ceil((end - Date.now()) / 1_000));
      setLeft(rest);
      if (rest === 0) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [error]);
  return left;
}
