import type { Metadata } from 'next';

import { AuthForm } from '../../components/auth/auth-form.tsx';
import { NewAccountFields } from '../../components/auth/new-account-fields.tsx';
import { plainFormError } from '../../components/auth/plain-form-errors.ts';
import { MessagePage } from '../../components/messages/message-page.tsx';
import { buttonClass } from '../../components/ui/button.tsx';
import { ForgetQuery } from '../../components/ui/forget-query.tsx';
import { Prefetch } from '../../components/ui/prefetch.tsx';
import { Shell } from '../../components/ui/shell.tsx';
import { checkSetupToken } from '../../lib/auth/setup.ts';
import { AppError } from '../../lib/errors.ts';
import { getContext } from '../_server/context.ts';
import { searchValue, type SearchParams } from '../_server/search.ts';
import { studioEntryFiles } from '../_server/studio-files.ts';
import { sendViewerOn } from '../_server/viewer.ts';

export const metadata: Metadata = { title: 'Set up' };

const forgotten = ['token', 'error'];

export default async function Setup({ searchParams }: { searchParams: SearchParams }) {
  await sendViewerOn();
  const token = (await searchValue(searchParams, 'token')) ?? '';
  const problem = await checkSetupToken(getContext(), token).then(() => null, knownProblem);
  if (problem?.code === 'invalid_setup_token' && token === '') return <LoadedAnew next={problem.next} />;
  if (problem) return <CannotSetUp problem={problem} />;
  return (
    <Shell width="narrow">
      <div className="space-y-6">
        <div className="space-y-1">
          <h1 className="text-title font-semibold">Create the first admin</h1>
          <p className="text-muted">You invite everybody else afterwards.</p>
        </div>
        <AuthForm
          action="/api/auth/setup"
          submit="Create admin"
          busy="Creating…"
          initialError={plainFormError(await searchValue(searchParams, 'error'))}
        >
          <input type="hidden" name="token" value={token} />
          <NewAccountFields />
        </AuthForm>
      </div>
      <ForgetQuery names={forgotten} />
      <Prefetch files={await studioEntryFiles()} />
    </Shell>
  );
}

/** Without a token, as when the page is loaded anew before the form is sent: nothing is wrong with the link. */
function LoadedAnew({ next }: { next: string | undefined }) {
  return (
    <MessagePage kind="invited" title="Open the link once more">
      <p>The address is cleared once the page has been read, which does not use up the link.</p>
      <p>{next}</p>
    </MessagePage>
  );
}

function CannotSetUp({ problem }: { problem: AppError }) {
  return (
    <MessagePage
      kind="disabled"
      title={problem.message.replace(/\.$/, '')}
      actions={
        problem.code === 'already_set_up' ? (
          <a href="/sign-in" className={buttonClass('primary')}>
            Sign in
          </a>
        ) : null
      }
    >
      <p>{problem.next}</p>
    </MessagePage>
  );
}

/** A bug or a database that is away is not a matter of the link: the error page tells of it. */
function knownProblem(error: unknown): AppError {
  if (error instanceof AppError && error.status < 500) return error;
  throw error;
}
