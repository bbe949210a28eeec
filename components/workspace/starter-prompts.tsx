'use client';

const prompts = [
  'Create an agent that says hello',
  'Add a tool that rolls dice',
  'Build a small app in which I can chat with my agent',
] as const;

type Props = { chosen: string | null; onChoose: (prompt: string | null) => void };

/** Something to begin with, for the minute in which there is nothing else to do. Nothing is sent by choosing. */
export function StarterPrompts({ chosen, onChoose }: Props) {
  return (
    <section aria-labelledby="starters" className="space-y-2">
      <h2 id="starters" className="font-medium">
        First things to ask for
      </h2>
      <ul className="space-y-2">
        {prompts.map((prompt) => (
          <li key={prompt}>
            <button
              type="button"
              aria-pressed={chosen === prompt}
              onClick={() => onChoose(chosen === prompt ? null : prompt)}
              className="flex min-h-9 w-full items-center gap-3 rounded-control border border-line px-3 py-2 text-left transition-colors duration-120 hover:border-control aria-pressed:border-accent pointer-coarse:min-h-11"
            >
              {prompt}
              <span aria-hidden="true" className="ml-auto shrink-0 text-meta text-muted">
                {chosen === prompt ? 'Chosen' : 'Choose'}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p aria-live="polite" className="text-meta text-muted">
        {chosen === null
          ? 'The one that you choose is in the chat when Studio opens.'
          : 'Studio opens with it in the chat; you send it.'}
      </p>
    </section>
  );
}
