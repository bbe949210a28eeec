/**
 * In px, because the page's root size would leak into rem. Colours are the product's tokens. Below the widget (1000),
 * which says the same in its own panel.
 */
export const BAR_STYLE = `
:host { all: initial; position: fixed; z-index: 900; inset: auto; font: 13px/20px system-ui, "Segoe UI", Roboto, sans-serif;
  --raised: #1f1f1f; --control: #767676; --text: #ededed; --muted: #a3a3a3; --accent: #8da4ff; --on-accent: #0f0f0f;
  --warn: #f2b45a; --bad: #ff8a8a; --demo: #d6a3f0; }
:host([data-theme="light"]) { --raised: #fff; --control: #858585; --text: #171717; --muted: #5c5c5c; --accent: #3b5bdb;
  --on-accent: #fff; --warn: #8f5300; --bad: #c0262d; --demo: #7a3e9d; }
[hidden] { display: none !important; }
.bar, .card { background: var(--raised); color: var(--text); border: 1px solid var(--control); border-radius: 10px;
  box-shadow: 0 4px 16px rgb(0 0 0 / 0.2); }
.bar { position: fixed; top: 12px; inset-inline: 12px; margin-inline: auto; width: fit-content; max-width: 560px; display: flex;
  align-items: center; gap: 8px; padding: 6px 8px 6px 12px; box-sizing: border-box; animation: appear 180ms ease-out; }
.text { overflow-wrap: anywhere; padding-right: 4px; }
.shape { display: inline-flex; flex: none; }
svg { width: 16px; height: 16px; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
.bar[data-tone="muted"] .shape { color: var(--muted); }
.bar[data-tone="accent"] .shape { color: var(--accent); }
.bar[data-tone="warn"] .shape { color: var(--warn); }
.bar[data-tone="bad"] .shape { color: var(--bad); }
button { font: inherit; font-weight: 500; min-height: 28px; padding: 0 12px; border: 0; border-radius: 6px; cursor: pointer;
  background: var(--accent); color: var(--on-accent); }
button:focus-visible, summary:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.demo { position: fixed; left: 12px; bottom: 2px; max-width: 320px; }
summary { display: inline-flex; align-items: center; gap: 6px; min-height: 24px; padding: 0 8px; cursor: pointer; list-style: none;
  font-size: 12px; font-weight: 500; color: var(--demo); background: var(--raised); border: 1px solid currentColor; border-radius: 6px; }
summary::-webkit-details-marker { display: none; }
.card { position: absolute; left: 0; bottom: 30px; width: 296px; padding: 12px; }
.card p { margin: 0 0 8px; } .card p:last-child { margin: 0; }
a { color: var(--accent); }
.turn { transform-origin: 8px 8px; animation: turn 1s linear infinite; }
@keyframes turn { to { transform: rotate(360deg); } }
@keyframes appear { from { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { .bar, .turn { animation: none; } }
@media (pointer: coarse) { button, summary { min-height: 44px; } .card { bottom: 52px; } }
@media (forced-colors: active) { button, summary { border: 1px solid ButtonText; } }
`;
