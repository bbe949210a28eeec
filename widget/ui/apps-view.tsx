import { useCallback, useEffect, useState } from 'react';
import { toFailure } from '../api/failure.ts';
import type { App } from '../api/shapes.ts';
import { ago } from '../chat/time.ts';
import { Button } from './button.tsx';
import { useChat, useNow } from './chat-context.tsx';
import { Flash } from './flash.tsx';
import { Icon } from './icons.tsx';

/** Web apps of the project, each opened on an origin of its own. */
export function AppsView() {
  const chat = useChat();
  const [apps, setApps] = useState<App[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  const now = useNow(true, 60_000);
  const load = useCallback(() => {
    chat.loadApps().then(
      (loaded) => {
        setApps(loaded);
        setError(null);
      },
      (failure: unknown) => setError(toFailure(failure).message),
    );
  }, [chat]);
  useEffect(load, [load]);
  return (
    <div className="view">
      <section className="view-body" tabIndex={0} aria-label="Apps">
        {error && (
          <div className="notice" data-tone="bad" role="note">
            <Icon name="warning" />
            <p>{error}</p>
            <Button onClick={load}>Retry</Button>
          </div>
        )}
        {!apps && !error && <p className="empty-line">Loading the apps</p>}
        {apps?.length === 0 && (
          <div className="start">
            <Icon name="apps" size={24} />
            <h2>No apps yet</h2>
            <p>Small web pages that talk to your agents and workflows appear here.</p>
            <Button
              look="accent"
              onClick={() => {
                chat.setView({ name: 'chat', compose: true });
                chat.setDraft('Build a small web app to talk to one of my agents.');
              }}
            >
              Describe one
            </Button>
          </div>
        )}
        <ul className="apps">
          {apps?.map((app) => (
            <li key={app.name}>
              <button type="button" onClick={() => void chat.openApp(app.name)}>
                <Icon name="apps" />
                <span className="version-text">
                  <bdi className="version-message">{app.title || app.name}</bdi>
                  <span className="meta">{ago(new Date(app.updatedAt), new Date(now))}</span>
                </span>
                <Icon name="external" />
              </button>
            </li>
          ))}
        </ul>
      </section>
      <Flash />
    </div>
  );
}
