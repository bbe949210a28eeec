import type { Metadata } from 'next';

import { Account } from '../../components/account/account.tsx';
import { plainFormError } from '../../components/auth/plain-form-errors.ts';
import { ForgetQuery } from '../../components/ui/forget-query.tsx';
import { Shell } from '../../components/ui/shell.tsx';
import { hasPassword } from '../../lib/auth/replace-password.ts';
import { getContext } from '../_server/context.ts';
import { searchValue, type SearchParams } from '../_server/search.ts';
import { requireViewer } from '../_server/viewer.ts';

export const metadata: Metadata = { title: 'Account' };

const toldOnce = ['notice', 'error'];

export default async function AccountPage({ searchParams }: { searchParams: SearchParams }) {
  const { userId, email, name, role } = await requireViewer('/account');
  return (
    <Shell width="column" at="/account" viewer={{ email, role }}>
      <Account
        email={email}
        name={name}
        role={role}
        hasPassword={await hasPassword(getContext().database.db, userId)}
        changed={(await searchValue(searchParams, 'notice')) === 'password_changed'}
        error={plainFormError(await searchValue(searchParams, 'error'))}
      />
      <ForgetQuery names={toldOnce} />
    </Shell>
  );
}
