'use client';

import ErrorPage from './error.tsx';
import './globals.css';

/** The last resort, when not even the frame of the pages could be rendered. */
export default function GlobalError(props: { error: Error & { digest?: string }; retry: () => void }) {
  return (
    <html lang="en">
      <body>
        <title>Something went wrong · Shmastra Cloud</title>
        <ErrorPage {...props} />
      </body>
    </html>
  );
}
