import { useEffect, useState } from 'react';
import { suggestionsFor } from '../page/suggestions.ts';
import { useChat, useChatState } from './chat-context.tsx';
import { Icon } from './icons.tsx';

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
      {demo && (
        <p className="demo-line">
          <Icon name="flask" /> Demo model: scripted answers. Add a provider key to use a real one.
        </p>
      )}
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
    </div>
  );
}
