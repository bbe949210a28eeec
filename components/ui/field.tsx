import type { ComponentProps } from 'react';

type FieldProps = ComponentProps<'input'> & { id: string; label: string; hint?: string; error?: string };

export const inputClass =
  'block w-full min-h-9 pointer-coarse:min-h-11 rounded-control border border-control bg-bg px-3 py-1.5 text-input sm:text-body aria-invalid:border-bad';

/** A labelled input with its hint and its error tied to it for screen readers. */
export function Field({ id, label, hint, error, ...input }: FieldProps) {
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div className="space-y-1">
      <label htmlFor={id} className="block font-medium">
        {label}
      </label>
      <input
        id={id}
        className={inputClass}
        aria-invalid={error ? true : undefined}
        aria-describedby={described || undefined}
        {...input}
      />
      {hint ? (
        <p id={`${id}-hint`} className="text-meta text-muted">
          {hint}
        </p>
      ) : null}
      {error ? (
        <p id={`${id}-error`} role="alert" className="text-meta text-bad">
          {error}
        </p>
      ) : null}
    </div>
  );
}
