import { useRef, useState } from 'react';
import { toFailure } from '../api/failure.ts';
import type { Question } from '../api/parts.ts';
import { Button } from './button.tsx';
import { useChat } from './chat-context.tsx';
import { focusComposer } from './focus-composer.ts';
import { Icon } from './icons.tsx';

/** A question of the agent: choose, or say it in words. @param props.why it has no answer, unless the person skipped it */
export function QuestionCard(props: { question: Question; why: string | null; active: boolean }) {
  const { question, why, active } = props;
  if (question.state !== 'open' || !active) return <Answered question={question} why={why} />;
  return <Form question={question} />;
}

function Answered({ question, why }: { question: Question; why: string | null }) {
  const words =
    question.state === 'answered'
      ? (question.answer ?? []).join(', ')
      : question.state === 'skipped' && why === null
        ? 'Skipped'
        : ['Not answered', why].filter(Boolean).join(': ');
  return (
    <article className="card question-card" aria-label="Question">
      <header className="card-head">
        <Icon name="question" />
        <strong>{question.question}</strong>
      </header>
      <p className="answered">{words}</p>
    </article>
  );
}

function Form({ question }: { question: Question }) {
  const chat = useChat();
  const [chosen, setChosen] = useState<string[]>([]);
  const [text, setText] = useState('');
  const form = useRef<HTMLFormElement>(null);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function send(body: { answer: string[] } | { skip: true }): Promise<void> {
    setSending(true);
    setError(null);
    try {
      await chat.answerQuestion(question.id, body);
      focusComposer(form.current);
    } catch (failure) {
      setError(toFailure(failure).message);
      setSending(false);
    }
  }

  function pick(option: string): void {
    if (!question.multiple) return void send({ answer: [option] });
    setChosen(chosen.includes(option) ? chosen.filter((other) => other !== option) : [...chosen, option]);
  }

  const answer = [...chosen, ...(text.trim() ? [text.trim()] : [])];
  return (
    <form
      ref={form}
      className="card question-card"
      aria-label="Question"
      data-open
      onSubmit={(event) => {
        event.preventDefault();
        if (answer.length > 0) void send({ answer });
      }}
    >
      <header className="card-head">
        <Icon name="question" />
        <strong>{question.question}</strong>
      </header>
      {question.options.length > 0 && (
        <fieldset className="options">
          <legend className="hidden">{question.multiple ? 'Choose one or more' : 'Choose one'}</legend>
          {question.options.map((option) => (
            <button
              key={option}
              type="button"
              className="option"
              disabled={sending}
              aria-pressed={question.multiple ? chosen.includes(option) : undefined}
              onClick={() => pick(option)}
            >
              {question.multiple && <Icon name={chosen.includes(option) ? 'check' : 'plus'} size={12} />}
              {option}
            </button>
          ))}
        </fieldset>
      )}
      <input
        className="input"
        aria-label="Your answer"
        placeholder={question.options.length > 0 ? 'Or in your words' : 'Your answer'}
        value={text}
        maxLength={4000}
        disabled={sending}
        onChange={(event) => setText(event.target.value)}
      />
      {error && <p className="field-error">{error}</p>}
      <div className="actions">
        <Button look="accent" type="submit" disabled={sending || answer.length === 0}>
          {sending ? 'Sending' : 'Answer'}
        </Button>
        <Button disabled={sending} onClick={() => void send({ skip: true })}>
          Skip
        </Button>
      </div>
    </form>
  );
}
