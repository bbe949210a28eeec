import type { BarContent } from './state.ts';
import { BAR_STYLE } from './style.ts';

const SHAPES: Record<BarContent['shape'] | 'flask', string> = {
  pause: '<path d="M6 3v10M10 3v10"/>',
  ring: '<path d="M14 8a6 6 0 1 1-6-6" class="turn"/>',
  wrench: '<path d="M13.5 4.5a3.5 3.5 0 0 1-4.8 4.3L4 13.5 2.5 12l4.7-4.7a3.5 3.5 0 0 1 4.3-4.8L9.4 4.6l2 2z"/>',
  octagon: '<path d="M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5zM6 6l4 4M10 6l-4 4"/>',
  arrows: '<path d="M3 7a5 5 0 0 1 9-2M13 9a5 5 0 0 1-9 2M12 2v3H9M4 14v-3h3"/>',
  cloud: '<path d="M5 12a3 3 0 0 1-.5-5.9A4 4 0 0 1 12 6.5a2.8 2.8 0 0 1-.5 5.5zM2 2l12 12"/>',
  warning: '<path d="M8 2 14.5 13.5h-13zM8 6.5v3M8 11.7v.1"/>',
  flask: '<path d="M6 2h4M7 2v4L3.5 12.5A1 1 0 0 0 4.4 14h7.2a1 1 0 0 0 .9-1.5L9 6V2M5.2 10h5.6"/>',
};

export type View = {
  showBar(content: BarContent | null): void;
  showDemo(demo: boolean): void;
  /** Whether the event happened in the companion's own elements. */
  contains(event: Event): boolean;
};

/** The companion's elements, in a shadow root beside Studio, so that neither's styles reach the other. */
export function createView(onAction: (does: NonNullable<BarContent['action']>['does']) => void): View {
  const host = document.createElement('shmastra-companion');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(BAR_STYLE);
  root.adoptedStyleSheets = [sheet];
  root.innerHTML = `
    <div class="bar" role="status" hidden><span class="shape"></span><span class="text"></span><button type="button"></button></div>
    <details class="demo" hidden>
      <summary><span class="shape">${svg('flask')}</span>Demo model</summary>
      <div class="card">
        <p>Scripted answers, so that everything else can be tried without a provider key.</p>
        <p>Add a provider key to use a real model. Nothing else changes.</p>
        <p><a href="/help/provider-keys">How to add a key</a></p>
      </div>
    </details>`;
  followTheme(host);
  document.body.append(host);
  const bar = part(root, '.bar');
  const button = part(root, 'button');
  const demo = part(root, '.demo');
  let action: BarContent['action'];
  button.addEventListener('click', () => {
    if (action) onAction(action.does);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') demo.removeAttribute('open');
  });
  return {
    showBar: (content) => {
      bar.hidden = content === null;
      if (!content) return;
      action = content.action;
      bar.dataset['tone'] = content.tone;
      part(bar, '.shape').innerHTML = svg(content.shape);
      part(bar, '.text').textContent = content.text;
      button.hidden = action === undefined;
      button.textContent = action?.label ?? '';
    },
    contains: (event) => event.composedPath().includes(host),
    showDemo: (shown) => {
      demo.hidden = !shown;
    },
  };
}

function svg(shape: keyof typeof SHAPES): string {
  return `<svg viewBox="0 0 16 16" aria-hidden="true">${SHAPES[shape]}</svg>`;
}

function part(root: ParentNode, selector: string): HTMLElement {
  const element = root.querySelector<HTMLElement>(selector);
  if (!element) throw new Error(`The companion has no ${selector}.`);
  return element;
}

/** Studio puts `dark` or `light` on the document's element. */
function followTheme(host: HTMLElement): void {
  const apply = (): void => {
    host.dataset['theme'] = document.documentElement.classList.contains('light') ? 'light' : 'dark';
  };
  new MutationObserver(apply).observe(document.documentElement, { attributes: true, attributeFilter: ['class'] });
  apply();
}
