'use client';

import { useRouter } from 'next/navigation';
import { useState, type SubmitEvent } from 'react';
import * as z from 'zod/mini';

import { callApi, type ApiError } from '../api/call.ts';
import { Button } from '../ui/button.tsx';
import { Field, inputClass } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { SecretLink } from '../ui/secret-link.tsx';

const answer = z.object({ url: z.string(), replaced: z.number() });

const ONCE = 'Send this link yourself. It makes one account, works for seven days and is shown only now.';

/** Makes an invitation; its link is shown this once, to be sent by whatever the team uses. */
export function InviteForm() {
  const router = useRouter();
  const [error, setError] = useState<ApiError | null>(null);
  const [made, setMade] = useState<{ email: string; url: string; replaced: number } | null>(null);
  const [busy, setBusy] = useState(false);

  async function onSubmit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy) return;
    const form = event.currentTarget;
    const values = new FormData(form);
    setBusy(true);
    setError(null);
    setMade(null);
    const result = await callApi('POST', '/api/team/invitations', answer, Object.fromEntries(values));
    setBusy(false);
    if (!result.ok) {
      setError(result.error);
      return;
    }
    setMade({ email: String(values.get('email')), ...result.value });
    form.reset();
    router.refresh();
  }

  return (
    <div className="space-y-3">
      <form onSubmit={(event) => void onSubmit(event)} className="flex flex-wrap items-end gap-3">
        <div className="min-w-0 flex-1 basis-60">
          <Field
            id="invite-email"
            name="email"
            label="E-mail"
            type="email"
            autoComplete="off"
            required
            maxLength={254}
          />
        </div>
        <div className="space-y-1">
          <label htmlFor="invite-role" className="block font-medium">
            Role
          </label>
          <select id="invite-role" name="role" defaultValue="member" className={inputClass}>
            <option value="member">Member</option>
            <option value="admin">Admin</option>
          </select>
        </div>
        <Button type="submit" look="primary" aria-busy={busy}>
          {busy ? 'Creating…' : 'Create link'}
        </Button>
      </form>
      {error ? (
        <Notice tone="bad" title={error.message}>
          {error.next ? <p>{error.next}</p> : null}
        </Notice>
      ) : null}
      {made ? (
        <SecretLink
          title={`Invitation for ${made.email}`}
          text={made.replaced > 0 ? `${ONCE} The link made before for this address no longer works.` : ONCE}
          label="Invitation link"
          url={made.url}
        />
      ) : null}
    </div>
  );
}
