'use client';

import { MessagePage } from '../components/messages/message-page.tsx';
import { Button } from '../components/ui/button.tsx';

type ErrorPageProps = { error: Error & { digest?: string }; retry: () => void };

/** A page that could not be rendered: usually the database is away for a moment. */
export default function ErrorPage({ error, retry }: ErrorPageProps) {
  return (
    <MessagePage
      kind="broken"
      title="This page could not be loaded"
      actions={
        <Button look="primary" onClick={retry}>
          Try again
        </Button>
      }
    >
      <p>The server had a problem. Your workspace and your files are not affected.</p>
      <p>If it stays like this, tell an admin the time{error.digest ? ' and this code' : ''}.</p>
      {error.digest ? <p className="font-mono text-meta">{error.digest}</p> : null}
    </MessagePage>
  );
}
