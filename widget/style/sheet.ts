import cards from './cards.css?inline';
import composer from './composer.css?inline';
import controls from './controls.css?inline';
import panel from './panel.css?inline';
import thread from './thread.css?inline';
import tokens from './tokens.css?inline';

/** One sheet for the shadow root. The panel's comes last: it has what holds on phones. */
export function createSheet(): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync([tokens, controls, thread, cards, composer, panel].join('\n'));
  return sheet;
}
