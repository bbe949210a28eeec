export { type AccessChanges, createAccessChanges } from './access-changes.ts';
export { acceptInvitation } from './accept-invitation.ts';
export {
  createInvitation,
  findInvitation,
  type Invitation,
  listInvitations,
  revokeInvitation,
  type Role,
} from './invitations.ts';
export { disableMember, enableMember, listMembers, type Member } from './members.ts';
export { safeReturnTo } from './return-to.ts';
export { createSessionVerifier, type Session, type SessionVerifier } from './session.ts';
export { acceptSetup, checkSetupToken, createSetupUrl, hasAdmin } from './setup.ts';
export { type Auth, createAuth } from './sign-in.ts';
