/** The product's mark with its name; the mark is decoration, the name is text. `brief`: where space is short the mark alone is seen. */
export function Logo({ brief = false }: { brief?: boolean }) {
  return (
    <span className="flex items-center gap-2 font-semibold">
      <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false" className="size-5">
        <rect width="32" height="32" rx="7" fill="#3b5bdb" />
        <path
          d="M9 12.5A3.5 3.5 0 0 1 12.5 9H23M23 19.5a3.5 3.5 0 0 1-3.5 3.5H9"
          fill="none"
          stroke="#fff"
          strokeWidth="2.5"
          strokeLinecap="round"
        />
        <rect x="11.5" y="13.25" width="9" height="5.5" rx="1.5" fill="#fff" />
      </svg>
      <span className={brief ? 'max-sm:sr-only' : undefined}>Shmastra Cloud</span>
    </span>
  );
}
