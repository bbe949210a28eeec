import type { Metadata } from 'next';

import { AuthForm } from '../../components/auth/auth-form.tsx';
import { NewPasswordField } from '../../components/auth/new-account-fields.tsx';
import { plainFormError } from '../../components/auth/plain-form-errors.ts';
import { SignedInAs } from '../../components/auth/signed-in-as.tsx';
import { MessagePage } from '../../components/messages/message-page.tsx';
import { buttonClass } from '../../components/ui/button.tsx';
import { Field } from '../../components/ui/field.tsx';
import { ForgetQuery } from '../../components/ui/forget-query.tsx';
import { Shell } from '../../components/ui/shell.tsx';
import { findPasswordLink } from '../../lib/auth/password-links.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { getContext } from '../_server/context.ts';
import { searchValue, type SearchParams } from '../_server/search.ts';
import { findViewer } from '../_server/viewer.ts';

export const metadata: Metadata = { title: 'New password' };

const forgotten = ['token', 'error'];

export default async function NewPassword({ searchParams }: { searchParams: SearchParams }) {
  const token = (await searchValue(searchParams, 'token')) ?? '';
  const link = await findPasswordLink(getContext(), token).catch((error: unknown) => {
    if (error instanceof NotFoundError) return null;
    throw error;
  });
  if (!link) return <DeadLink />;
  const viewer = await findViewer();
  const other = viewer && viewer.email !== link.email ? viewer.email : null;
  return (
    <Shell width="narrow">
      <div className="space-y-6">
        <div className="space-y-1">
          <h1 className="text-title font-semibold">Set a new password</h1>
          <p className="text-muted">
            {other
              ? 'Setting it signs this person out everywhere else. Their workspace and its files stay as they are.'
              : 'Setting it signs you out everywhere else. Your workspace and its files stay as they are.'}
          </p>
        </div>
        {other ? (
          <SignedInAs email={other}>
            This link sets the password of <bdi>{link.email}</bdi>: using it here signs you out and them in.
          </SignedInAs>
        ) : null}
        <AuthForm
          action="/api/auth/set-password"
          submit="Set password"
          busy="Setting…"
          initialError={plainFormError(await searchValue(searchParams, 'error'))}
        >
          <input type="hidden" name="token" value={token} />
          <Field
            id="email"
            name="email"
            label="E-mail"
            type="email"
            autoComplete="username"
            value={link.email}
            readOnly
          />
          <NewPasswordField label="New password" autoFocus={other === null} />
        </AuthForm>
      </div>
      <ForgetQuery names={forgotten} />
    </Shell>
  );
}

function DeadLink() {
  return (
    <MessagePage
      kind="invited"
      title="This link does not work"
      actions={
        <a href="/sign-in" className={buttonClass('primary')}>
          Sign in
        </a>
      }
    >
      <p>A link for a new password works once, for a day, and until a newer one is made.</p>
      <p>Open it from your message once more, in full, or ask an admin of the team for a new one.</p>
    </MessagePage>
  );
}
