import type { ComponentProps } from 'react';

type Look = 'primary' | 'secondary' | 'quiet';

const looks: Record<Look, string> = {
  primary: 'bg-accent text-on-accent hover:opacity-90',
  secondary: 'border border-control bg-raised text-text hover:bg-sunk',
  quiet: 'text-muted hover:bg-sunk hover:text-text',
};

/** Shared by buttons and by links that look like one. Touch targets are 44 px, elsewhere 36. */
export function buttonClass(look: Look = 'secondary'): string {
  return [
    'inline-flex min-h-9 pointer-coarse:min-h-11 items-center justify-center gap-2 rounded-control px-3 font-medium',
    'transition-[opacity,background-color] duration-120 ease-out',
    'disabled:cursor-not-allowed disabled:opacity-60 aria-disabled:cursor-not-allowed aria-disabled:opacity-60',
    looks[look],
  ].join(' ');
}

export function Button({ look, className = '', type = 'button', ...rest }: ComponentProps<'button'> & { look?: Look }) {
  return <button type={type} className={`${buttonClass(look)} ${className}`} {...rest} />;
}
