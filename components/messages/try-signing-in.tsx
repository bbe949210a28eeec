import { buttonClass } from '../ui/button.tsx';
import { SwitchAccount } from './switch-account.tsx';

/** On a page that says why somebody was not let in: what kept them out may be over by now, or they are somebody else. */
export function TrySigningIn() {
  return (
    <>
      <a href="/sign-in" className={buttonClass('primary')}>
        Try again
      </a>
      <SwitchAccount />
    </>
  );
}
