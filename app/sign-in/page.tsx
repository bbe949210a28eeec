import type { Metadata } from 'next';
import { redirect } from 'next/navigation';

import { AuthForm } from '../../components/auth/auth-form.tsx';
import { plainFormError } from '../../components/auth/plain-form-errors.ts';
import { signInNotice } from '../../components/auth/sign-in-notices.ts';
import { MessagePage } from '../../components/messages/message-page.tsx';
import { Field } from '../../components/ui/field.tsx';
import { ForgetQuery } from '../../components/ui/forget-query.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { Prefetch } from '../../components/ui/prefetch.tsx';
import { Shell } from '../../components/ui/shell.tsx';
import { createNobodyYet } from '../../lib/auth/nobody-yet.ts';
import { safeReturnTo } from '../../lib/auth/return-to.ts';
import { getContext } from '../_server/context.ts';
import { searchValue, type SearchParams } from '../_server/search.ts';
import { studioEntryFiles } from '../_server/studio-files.ts';
import { findViewer } from '../_server/viewer.ts';

export const metadata: Metadata = { title: 'Sign in' };

const nobodyYet = createNobodyYet();

const toldOnce = ['notice', 'error'];

export default async function SignIn({ searchParams }: { searchParams: SearchParams }) {
  const returnTo = safeReturnTo(await searchValue(searchParams, 'returnTo'));
  const email = (await searchValue(searchParams, 'email'))?.slice(0, 254);
  if (await findViewer()) redirect(returnTo);
  if (await nobodyYet(getContext())) return <NobodyYet />;
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
      <ForgetQuery names={toldOnce} />
      <Prefetch files={await studioEntryFiles()} />
    </Shell>
  );
}

/** Before the first admin there is nobody whom a form could let in, and no admin to ask. */
function NobodyYet() {
  return (
    <MessagePage kind="invited" title="Nobody is set up yet">
      <p>
        Open the link that <code className="font-mono text-text">npm start</code> printed in the terminal: it makes the
        first admin. If it is gone, restart the server: it prints a new one.
      </p>
    </MessagePage>
  );
}
