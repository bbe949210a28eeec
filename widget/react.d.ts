import 'react';

declare module 'react' {
  // Custom properties of ours, set on elements and read by the style sheets.
  interface CSSProperties {
    '--width'?: string;
    '--done'?: number;
  }
}
