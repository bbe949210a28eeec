/** Who helps, also where the one who asks is the only admin. Pages say the same. */
export const LOST_PASSWORD_NEXT =
  'If you have lost the password, ask an admin of your team for a link; whoever runs the server can make one with npm run password-link.';
