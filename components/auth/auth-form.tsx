'use client';

import { useEffect, useRef, useState, type ChangeEvent, type ReactNode, type SubmitEvent } from 'react';
import * as z from 'zod/mini';

import { callApi, type ApiError } from '../api/call.ts';
import { Button } from '../ui/button.tsx';
import { formatDuration } from '../ui/duration.ts';
import { Notice } from '../ui/notice.tsx';

type AuthFormProps = {
  /** The route that takes the form, as JSON from here or as a plain form before the script has loaded. */
  action: string;
  submit: string;
  busy: string;
  /** What went wrong with a plain form post; shown until the next attempt. */
  initialError?: ApiError | undefined;
  /** Codes that are a matter of one field: what is said goes to `children`, under the field's name, and not below the form. */
  fieldOf?: Readonly<Record<string, string>>;
  children: ReactNode | ((errors: FieldErrors) => ReactNode);
};

/** What to say at a field, by its name. */
export type FieldErrors = Readonly<Record<string, string | undefined>>;

const answer = z.object({ next: z.string() });

/** Codes that have a page of their own. */
const pages: Record<string, string> = { account_disabled: '/disabled', not_a_member: '/not-a-member' };

/** A form of the way in: one request, its error in place, and on success straight to where the person wants to be. */
export function AuthForm({ action, submit, busy, initialError, fieldOf = {}, children }: AuthFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [error, setError] = useState<ApiError | undefined>(initialError);
  const [working, setWorking] = useState(false);
  const { wait, start } = useCountdown();
  useEffect(() => {
    // Back from the next page: the browser may show this one as it was left.
    const reset = () => setWorking(false);
    window.addEventListener('pageshow', reset);
    return () => window.removeEventListener('pageshow', reset);
  }, []);
  useEffect(() => {
    // Where the person goes on; with the field, what is said there is read out.
    if (error) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [error]);
  const field = error && fieldOf[error.code];
  const errors: FieldErrors = error && field ? { [field]: [error.message, error.next].join(' ').trim() } : {};

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
    const page = pages[result.error.code];
    if (page) {
      window.location.assign(page);
      return;
    }
    setWorking(false);
    setError(result.error);
    start(result.error.retryAfterSeconds ?? 0);
  }

  function onChange(event: ChangeEvent<HTMLFormElement>) {
    // A wait for one person is none for another.
    if (wait === 0 || event.target.name !== 'email') return;
    setError(undefined);
    start(0);
  }

  return (
    <form
      ref={form}
      method="post"
      action={action}
      onSubmit={(event) => void onSubmit(event)}
      onChange={onChange}
      className="space-y-4"
    >
      {typeof children === 'function' ? children(errors) : children}
      <Button type="submit" look="primary" className="w-full" disabled={wait > 0} aria-busy={working}>
        <span className="tabular-nums">
          {working ? busy : wait > 0 ? `Try again in ${formatDuration(wait * 1_000)}` : submit}
        </span>
      </Button>
      {error && !field ? <FormError error={error} /> : null}
    </form>
  );
}

/** How long a person has to wait stands on the button alone, which counts it down. */
function FormError({ error }: { error: ApiError }) {
  return (
    <Notice tone="bad" title={error.message}>
      {error.next && error.retryAfterSeconds === undefined ? <p>{error.next}</p> : null}
    </Notice>
  );
}

/** Whole seconds until a rate limit lets the person try again; 0 when there is none. */
function useCountdown(): { wait: number; start: (seconds: number) => void } {
  const [until, setUntil] = useState(0);
  const [now, setNow] = useState(0);
  useEffect(() => {
    if (until === 0) return;
    const timer = setInterval(() => setNow(performance.now()), 250);
    return () => clearInterval(timer);
  }, [until]);
  const start = (seconds: number) => {
    setNow(performance.now());
    setUntil(seconds === 0 ? 0 : performance.now() + seconds * 1_000);
  };
  return { wait: Math.max(0, Math.ceil((until - now) / 1_000)), start };
}
