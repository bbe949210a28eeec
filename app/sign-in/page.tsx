import type { Metadata } from 'next';
import { redirect } from 'next/navigation';

import { AuthForm } from '../../components/auth/auth-form.tsx';
import { plainFormError } from '../../components/auth/plain-form-errors.ts';
import { signInNotice } from '../../components/auth/sign-in-notices.ts';
import { Field } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { Prefetch } from '../../components/ui/prefetch.tsx';
import { Shell } from '../../components/ui/shell.tsx';
import { safeReturnTo } from '../../lib/auth/return-to.ts';
import { searchValue, type SearchParams } from '../_server/search.ts';
import { studioEntryFiles } from '../_server/studio-files.ts';
import { findViewer } from '../_server/viewer.ts';

export const metadata: Metadata = { title: 'Sign in' };

export default async function SignIn({ searchParams }: { searchParams: SearchParams }) {
  const returnTo = safeReturnTo(await searchValue(searchParams, 'returnTo'));
  const email = (await searchValue(searchParams, 'email'))?.slice(0, 254);
  if (await findViewer()) redirect(returnTo);
  const notice = signInNotice(await searchValue(searchParams, 'notice'));
  return (
    <Shell width="narrow">
      <div className="space-y-6">
        <div className="space-y-1">
          <h1 className="text-title font-semibold">Sign in</h1>
          <p className="text-muted">Your own workspace for building AI agents.</p>
        </div>
        {notice ? <Notice title={notice} /> : null}
        <AuthForm
          action="/api/auth/sign-in"
          submit="Sign in"
          busy="Signing in…"
          initialError={plainFormError(await searchValue(searchParams, 'error'))}
        >
          <input type="hidden" name="returnTo" value={returnTo} />
          <Field
            id="email"
            name="email"
            label="E-mail"
            type="email"
            autoComplete="username"
            required
            maxLength={254}
            defaultValue={email}
            autoFocus={!email}
          />
          <Field
            id="password"
            name="password"
            label="Password"
            type="password"
            autoComplete="current-password"
            required
            maxLength={128}
            autoFocus={Boolean(email)}
          />
        </AuthForm>
        <p className="text-meta text-muted">New here, or lost your password? Ask an admin of your team for a link.</p>
      </div>
      <Prefetch files={await studioEntryFiles()} />
    </Shell>
  );
}
