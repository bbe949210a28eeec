import { Button } from '../ui/button.tsx';

/** Signs out and offers the sign-in again. */
export function SwitchAccount() {
  return (
    <form method="post" action="/api/auth/sign-out">
      <Button type="submit">Switch account</Button>
    </form>
  );
}
