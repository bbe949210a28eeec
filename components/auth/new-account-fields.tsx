import { Field } from '../ui/field.tsx';

type NewAccountFieldsProps = { email?: string | null; autoFocus?: boolean };

/**
 * Name, address and password of a new account. With `email` the address is fixed: the invitation is for it alone. The first
 * field has the focus, unless there is something to be read before it.
 */
export function NewAccountFields({ email, autoFocus = true }: NewAccountFieldsProps) {
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
          autoFocus={autoFocus}
        />
      )}
      <Field
        id="name"
        name="name"
        label="Name"
        autoComplete="name"
        maxLength={100}
        hint="Optional. How your team sees you."
        autoFocus={autoFocus && Boolean(email)}
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
