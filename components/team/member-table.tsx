'use client';

import { Status } from '../status/status.tsx';
import { Button } from '../ui/button.tsx';
import { inputClass } from '../ui/field.tsx';
import { disable, enable, passwordLink, retry, setRole } from './changes.ts';
import type { MemberRow } from './team-data.ts';
import type { Change } from './use-change.ts';

type MemberTableProps = { members: readonly MemberRow[]; busy: boolean; onChange: (change: Change) => void };

const head = 'py-2 pr-4 text-left font-medium whitespace-nowrap text-muted';

/**
 * Everybody of the team. While a change is under way the others only say that they have to wait, and do nothing: what is
 * really disabled loses the focus. On a narrow screen the columns of a row come below each other.
 */
export function MemberTable({ members, busy, onChange }: MemberTableProps) {
  return (
    <table className="w-full border-collapse text-table">
      <thead className="max-sm:sr-only">
        <tr className="border-b border-line">
          <th className={`${head} sm:w-2/5`}>Person</th>
          <th className={head}>Role</th>
          <th className={head}>Workspace</th>
          <th className={head}>Last seen</th>
          <th className="py-2">
            <span className="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {members.map((member) => (
          <tr
            key={member.id}
            className="border-b border-line max-sm:flex max-sm:flex-wrap max-sm:items-center max-sm:gap-x-3 max-sm:gap-y-2 max-sm:py-3"
          >
            <td className="py-2 pr-4 wrap-anywhere max-sm:w-full max-sm:py-0">
              <span className="font-medium">
                <bdi>{member.name || member.email}</bdi>
              </span>
              {member.own ? <span className="text-muted"> (you)</span> : null}
              {member.name ? (
                <span className="block text-muted">
                  <bdi>{member.email}</bdi>
                </span>
              ) : null}
            </td>
            <td className="py-2 pr-4 max-sm:order-last max-sm:p-0">
              <select
                aria-label={`Role of ${member.email}`}
                value={member.role}
                aria-disabled={busy}
                disabled={member.disabled}
                onChange={(event) =>
                  onChange(setRole(member, event.currentTarget.value === 'admin' ? 'admin' : 'member'))
                }
                className={`${inputClass} min-w-26 sm:text-table`}
              >
                <option value="member">Member</option>
                <option value="admin">Admin</option>
              </select>
            </td>
            <td className={`py-2 pr-4 max-sm:p-0 ${member.reason ? 'max-sm:w-full' : ''}`}>
              <MemberStatus member={member} />
            </td>
            <td className="py-2 pr-4 whitespace-nowrap text-muted max-sm:p-0">{member.lastSeen}</td>
            <td className="py-2 text-right whitespace-nowrap max-sm:order-last max-sm:ml-auto max-sm:p-0">
              {member.canRetry ? (
                <Button look="quiet" aria-disabled={busy} onClick={() => onChange(retry(member))}>
                  Set up again
                </Button>
              ) : null}
              {member.own || member.disabled ? null : (
                <Button look="quiet" aria-disabled={busy} onClick={() => onChange(passwordLink(member))}>
                  Password link
                  <span className="sr-only">{member.email}</span>
                </Button>
              )}
              {member.own ? null : (
                <Button
                  look="quiet"
                  aria-disabled={busy}
                  onClick={() => onChange(member.disabled ? enable(member) : disable(member))}
                >
                  {member.disabled ? 'Enable' : 'Disable'}
                  <span className="sr-only">{member.email}</span>
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function MemberStatus({ member }: { member: MemberRow }) {
  if (member.disabled) return <Status kind="disabled" audience="admin" />;
  if (!member.status) return <span className="text-muted">Not started</span>;
  return (
    <span className="space-y-1">
      <Status kind={member.status} audience="admin" />
      {member.reason ? (
        <span className="block sm:max-w-60 text-meta text-muted wrap-anywhere">{member.reason}</span>
      ) : null}
    </span>
  );
}
