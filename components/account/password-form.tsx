'use client';

import type { ApiError } from '../api/call.ts';
import { AuthForm } from '../auth/auth-form.tsx';
import { NewPasswordField } from '../auth/new-account-fields.tsx';
import { Field } from '../ui/field.tsx';

const fieldOf = { wrong_password: 'current', invalid_password: 'password' };

/** Changes one's own password, which takes the current one. */
export function PasswordForm({ email, initialError }: { email: string; initialError?: ApiError | undefined }) {
  return (
    <AuthForm
      action="/api/auth/change-password"
      submit="Change password"
      busy="Changing…"
      initialError={initialError}
      fieldOf={fieldOf}
    >
      {({ current, password }) => (
        <>
          {/* Tells password managers whose password this is; the page says it above. */}
          <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
          <Field
            id="current"
            name="current"
            label="Current password"
            type="password"
            autoComplete="current-password"
            required
            maxLength={128}
            error={current}
          />
          <NewPasswordField label="New password" error={password} />
        </>
      )}
    </AuthForm>
  );
}
