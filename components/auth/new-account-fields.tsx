import { Field } from '../ui/field.tsx';

/** Name, address and password of a new account. With `email` the address is fixed: the invitation is for it alone. */
export function NewAccountFields({ email }: { email?: string | null }) {
  return (
    <>
      {email ? (
        <Field id="email" name="email" label="E-mail" type="email" autoComplete="username" value={email} readOnly />
      ) : (
        <Field
          id="email"
          name="email"
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          maxLength={254}
          autoFocus
        />
      )}
      <Field
        id="name"
        name="name"
        label="Name"
        autoComplete="name"
        maxLength={100}
        hint="Optional. How your team sees you."
        autoFocus={Boolean(email)}
      />
      <NewPasswordField label="Password" />
    </>
  );
}

type NewPasswordFieldProps = { label: string; autoFocus?: boolean; error?: string | undefined };

export function NewPasswordField({ label, autoFocus = false, error }: NewPasswordFieldProps) {
  return (
    <Field
      id="password"
      name="password"
      label={label}
      type="password"
      autoComplete="new-password"
      required
      minLength={10}
      maxLength={128}
      hint="At least 10 characters."
      error={error}
      autoFocus={autoFocus}
    />
  );
}
