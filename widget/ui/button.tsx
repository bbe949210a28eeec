import type { ComponentProps } from 'react';
import { Icon, type IconName } from './icons.tsx';

/** A button with a shape only; its name is its tooltip too. */
export function IconButton({
  icon,
  label,
  className = '',
  ...rest
}: { icon: IconName; label: string } & ComponentProps<'button'>) {
  return (
    <button type="button" className={`icon-button ${className}`} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}

export function Button({
  look = 'plain',
  icon,
  children,
  className = '',
  ...rest
}: { look?: 'plain' | 'accent' | 'quiet'; icon?: IconName } & ComponentProps<'button'>) {
  return (
    <button type="button" className={`button ${look} ${className}`} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
