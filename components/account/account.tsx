import type { ReactNode } from 'react';

import type { ApiError } from '../api/call.ts';
import { Notice } from '../ui/notice.tsx';
import { PasswordForm } from './password-form.tsx';

type AccountProps = {
  email: string;
  name: string;
  role: 'member' | 'admin';
  hasPassword: boolean;
  /** The password has just been changed. */
  changed: boolean;
  error?: ApiError | undefined;
};

/** Who one is here, and the one thing about it that everybody changes themselves. */
export function Account({ email, name, role, hasPassword, changed, error }: AccountProps) {
  return (
    <div className="space-y-8">
      <h1 className="text-title font-semibold">Account</h1>
      {changed ? (
        <Notice title="Your password is changed.">
          <p>You are signed out everywhere else, and links for a new password have ended.</p>
        </Notice>
      ) : null}
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        <Fact name="E-mail">
          <bdi>{email}</bdi>
        </Fact>
        {name ? (
          <Fact name="Name">
            <bdi>{name}</bdi>
          </Fact>
        ) : null}
        <Fact name="Role">{role === 'admin' ? 'Admin' : 'Member'}</Fact>
      </dl>
      <section aria-labelledby="password-heading" className="space-y-4">
        <div className="space-y-1">
          <h2 id="password-heading" className="font-semibold">
            Password
          </h2>
          <p className="text-muted">
            {hasPassword
              ? 'Changing it signs you out everywhere else. Your workspace and its files stay as they are.'
              : 'You sign in with an account that is kept elsewhere. Its password is changed there.'}
          </p>
        </div>
        {hasPassword ? <PasswordForm email={email} initialError={error} /> : null}
      </section>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  );
}
