import { useId, useRef, useState } from 'react';
import { toFailure } from '../api/failure.ts';
import type { EnvRequest } from '../api/parts.ts';
import { countOf } from '../chat/tools.ts';
import { Button, IconButton } from './button.tsx';
import { useChat } from './chat-context.tsx';
import { focusComposer } from './focus-composer.ts';
import { Icon } from './icons.tsx';

/**
 * Keys that the code needs. They go into the workspace's `.env`; the model never sees them.
 * @param props.why none were given, unless the person skipped it
 */
export function EnvCard(props: { env: EnvRequest; why: string | null; active: boolean }) {
  const { env, why, active } = props;
  if (env.state === 'open' && active) return <Form env={env} />;
  const saved = env.saved ?? env.variables.length;
  const words =
    env.state === 'saved'
      ? `${countOf(saved, 'value')} saved; the model never sees ${saved === 1 ? 'it' : 'them'}`
      : env.state === 'skipped' && why === null
        ? 'Skipped'
        : ['Not given', why].filter(Boolean).join(': ');
  return (
    <article className="card env-card" aria-label="Keys">
      <header className="card-head">
        <Icon name="key" />
        <strong className="mono">{env.variables.map((variable) => variable.name).join(', ')}</strong>
      </header>
      <p className="answered">{words}</p>
    </article>
  );
}

function Form({ env }: { env: EnvRequest }) {
  const chat = useChat();
  const [values, setValues] = useState<Record<string, string>>({});
  const form = useRef<HTMLFormElement>(null);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));

  async function send(body: { values: Record<string, string> } | { skip: true }): Promise<void> {
    setSending(true);
    setError(null);
    try {
      await chat.saveEnv(env.id, body);
      focusComposer(form.current);
      setValues({});
    } catch (failure) {
      setError(toFailure(failure).message);
      setSending(false);
    }
  }

  return (
    <form
      ref={form}
      className="card env-card"
      aria-label="Keys"
      data-open
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        if (Object.keys(given).length > 0) void send({ values: given });
      }}
    >
      <header className="card-head">
        <Icon name="key" />
        <strong>Your code needs {countOf(env.variables.length, 'value')}</strong>
      </header>
      {env.variables.map((variable) => (
        <Field
          key={variable.name}
          variable={variable}
          value={values[variable.name] ?? ''}
          disabled={sending}
          onChange={(value) => setValues({ ...values, [variable.name]: value })}
        />
      ))}
      <p className="meta">Saved in your workspace only. The model never sees them.</p>
      {error && <p className="field-error">{error}</p>}
      <div className="actions">
        <Button look="accent" type="submit" disabled={sending || Object.keys(given).length === 0}>
          {sending ? 'Saving' : 'Save'}
        </Button>
        <Button disabled={sending} onClick={() => void send({ skip: true })}>
          Skip
        </Button>
      </div>
    </form>
  );
}

function Field(props: {
  variable: EnvRequest['variables'][number];
  value: string;
  disabled: boolean;
  onChange: (value: string) => void;
}) {
  const id = useId();
  const [shown, setShown] = useState(!props.variable.secret);
  return (
    <div className="field">
      <label className="mono" htmlFor={id}>
        {props.variable.name}
      </label>
      <p className="meta" id={`${id}-why`}>
        {props.variable.why}
      </p>
      <div className="secret">
        <input
          id={id}
          className="input mono"
          type={shown ? 'text' : 'password'}
          autoComplete="off"
          spellCheck={false}
          aria-describedby={`${id}-why`}
          value={props.value}
          disabled={props.disabled}
          onChange={(event) => props.onChange(event.target.value)}
        />
        {props.variable.secret && (
          <IconButton
            icon={shown ? 'hide' : 'eye'}
            label={shown ? `Hide ${props.variable.name}` : `Show ${props.variable.name}`}
            onClick={() => setShown(!shown)}
          />
        )}
      </div>
    </div>
  );
}
