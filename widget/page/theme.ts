/** Studio's theme: `light` or `dark` on the document's element, else what the system prefers. */
export function themeOf(classes: Pick<DOMTokenList, 'contains'>, systemPrefersDark: boolean): 'light' | 'dark' {
  if (classes.contains('light')) return 'light';
  if (classes.contains('dark')) return 'dark';
  return systemPrefersDark ? 'dark' : 'light';
}

export function followTheme(onTheme: (theme: 'light' | 'dark') => void): void {
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const root = document.documentElement;
  const tell = (): void => onTheme(themeOf(root.classList, system.matches));
  new MutationObserver(tell).observe(root, { attributes: true, attributeFilter: ['class'] });
  system.addEventListener('change', tell);
  tell();
}
