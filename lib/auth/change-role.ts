import { audit } from '../audit.ts';
import type { Context } from '../context.ts';
import { endAdminsLinks, keepAnAdmin, memberNotFound, type MemberChange } from './members.ts';
import type { Role } from './invitations.ts';

/** Makes a member an admin, or an admin a member, whose open links end. In force at once everywhere. Throws `member_not_found` or `last_admin`. */
export async function changeRole(
  { database }: Pick<Context, 'database'>,
  { userId, by, role }: MemberChange & { role: Role },
): Promise<void> {
  await database.db.transaction().execute(async (trx) => {
    if (role === 'member') await keepAnAdmin(trx, userId);
    const { numUpdatedRows } = await trx.updateTable('users').set({ role }).where('id', '=', userId).executeTakeFirst();
    if (!numUpdatedRows) throw memberNotFound();
    if (role === 'member') await endAdminsLinks(trx, userId);
    await audit(trx, {
      actor: { kind: 'admin', id: by },
      action: 'member.role_changed',
      target: { kind: 'user', id: userId },
      details: { role },
    });
  });
}
