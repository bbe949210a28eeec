import { useEffect, useState } from 'react';
import { suggestionsFor } from '../page/suggestions.ts';
import { useChat, useChatState } from './chat-context.tsx';
import { Icon } from './icons.tsx';
import { KEYS_HELP } from './tier-menu.tsx';

/** Path of the page, also after Studio has moved on without loading a page. */
function usePath(): string {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    // A router's pushState tells nobody; a look now and then costs nothing.
    const timer = setInterval(() => setPath(location.pathname), 500);
    return () => clearInterval(timer);
  }, []);
  return path;
}

/** The empty chat: what it is for, and four things to ask for on this page of Studio. */
export function Suggestions() {
  const chat = useChat();
  const demo = useChatState((state) => state.info?.demo === true);
  const suggestions = suggestionsFor(usePath());
  return (
    <div className="start">
      <Icon name="spark" size={24} />
      <h2>What should your workspace do?</h2>
      <p>Say it in a sentence. Agents, workflows and tools appear in Studio while you watch.</p>
      <ul className="suggestions">
        {suggestions.map((suggestion) => (
          <li key={suggestion.title}>
            <button
              type="button"
              onClick={() => {
                chat.setDraft(suggestion.prompt);
                chat.submit();
              }}
            >
              <strong>{suggestion.title}</strong>
              <span>{suggestion.prompt}</span>
            </button>
          </li>
        ))}
      </ul>
      {/* Below: it is known later than the rest, and what is about to be clicked stays where it is. */}
      {demo && (
        <p className="demo-line">
          <Icon name="flask" />
          <span>
            Demo model: scripted answers.{' '}
            <a className="link" href={KEYS_HELP} target="_blank" rel="noopener">
              Add a provider key
            </a>{' '}
            to use a real one.
          </span>
        </p>
      )}
    </div>
  );
}
