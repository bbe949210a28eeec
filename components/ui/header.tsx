import { Logo } from './logo.tsx';

export type Viewer = { email: string; role: 'member' | 'admin' };

const link =
  'rounded-control px-1.5 sm:px-2 py-1 pointer-coarse:py-3 whitespace-nowrap text-muted hover:text-text aria-[current]:text-text transition-colors duration-120';

/**
 * The product, where else one can go, and the way out. Signed out there is only the product. On the smallest screens, which
 * have no room for its word, the product's mark is the way to the workspace.
 */
export function Header({ viewer, at }: { viewer?: Viewer; at?: string }) {
  const current = (page: string) => (page === at ? ('page' as const) : undefined);
  return (
    <header className="border-b border-line">
      <div className="mx-auto flex min-h-12 w-full max-w-[75rem] items-center gap-2 px-4">
        <a
          href={viewer ? '/workspace' : '/'}
          title={viewer ? 'Your workspace' : undefined}
          className="rounded-control py-1 pointer-coarse:-ml-3 pointer-coarse:px-3 pointer-coarse:py-3"
        >
          <Logo brief={viewer !== undefined} />
        </a>
        {viewer ? (
          <nav aria-label="Main" className="-mr-1.5 ml-auto flex min-w-0 items-center text-table sm:gap-1">
            <a href="/workspace" aria-current={current('/workspace')} className={`${link} max-[24rem]:hidden`}>
              Workspace
            </a>
            <a href="/usage" aria-current={current('/usage')} className={link}>
              Usage
            </a>
            {viewer.role === 'admin' ? (
              <a href="/team" aria-current={current('/team')} className={link}>
                Team
              </a>
            ) : null}
            <a href="/account" aria-current={current('/account')} className={link}>
              Account
            </a>
            <span className="hidden min-w-0 truncate px-2 text-muted sm:block">
              <bdi>{viewer.email}</bdi>
            </span>
            <form method="post" action="/api/auth/sign-out">
              <button className={link}>Sign out</button>
            </form>
          </nav>
        ) : null}
      </div>
    </header>
  );
}
