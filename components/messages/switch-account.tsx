import { Button } from '../ui/button.tsx';

/** Signs out and offers the sign-in again. */
export function SwitchAccount({ look = 'secondary' }: { look?: 'primary' | 'secondary' }) {
  return (
    <form method="post" action="/api/auth/sign-out">
      <Button type="submit" look={look}>
        Switch account
      </Button>
    </form>
  );
}
