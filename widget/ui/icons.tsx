/** Shapes on a grid of 16, drawn in the colour of the text. */
const SHAPES = {
  chat: 'M8 2.5c3.3 0 6 2.2 6 5s-2.7 5-6 5c-.8 0-1.5-.1-2.2-.35L3 13.5l.55-2.45C2.6 10.1 2 8.9 2 7.5c0-2.8 2.7-5 6-5z',
  close: 'M4 4l8 8M12 4l-8 8',
  collapse: 'M3 13V3M6.5 8H14M10.5 4.5 14 8l-3.5 3.5',
  down: 'M4 6.5l4 4 4-4',
  right: 'M6 4l4 4-4 4',
  left: 'M10 4 6 8l4 4',
  plus: 'M8 3v10M3 8h10',
  more: 'M3.2 7.6h.8v.8h-.8zM7.6 7.6h.8v.8h-.8zM12 7.6h.8v.8h-.8z',
  history: 'M2.5 8a5.5 5.5 0 1 0 1.8-4.1M2.5 2.5v3h3M8 5v3.2l2.2 1.3',
  send: 'M8 13V3M3.5 7.5 8 3l4.5 4.5',
  stop: 'M4.5 4.5h7v7h-7z',
  attach: 'M13 7.5 8 12.4a3.2 3.2 0 0 1-4.5-4.5l5.2-5a2.1 2.1 0 0 1 3 3l-5.2 5a1 1 0 0 1-1.5-1.4L9.7 5',
  file: 'M4 2h5l3 3v9H4zM9 2v3h3',
  image: 'M2.5 3h11v10h-11zM2.5 11l3.5-3.5 3 3 2-2 2.5 2.5M10.5 5.8h.01',
  edit: 'M3 13l.6-2.6L10.8 3.2a1.4 1.4 0 0 1 2 2L5.6 12.4z',
  trash: 'M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5 5 13.5h6l.5-9M7 7v4M9 7v4',
  folder: 'M2 4h4l1.5 1.5H14v7H2z',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3 14 14',
  terminal: 'M3 4l4 4-4 4M8.5 12H13',
  play: 'M5 3.5 12 8l-7 4.5z',
  book: 'M3 3h4a1.5 1.5 0 0 1 1 .5A1.5 1.5 0 0 1 9 3h4v9.5H9a1.5 1.5 0 0 0-1 .5 1.5 1.5 0 0 0-1-.5H3zM8 3.5V13',
  plug: 'M6 2v3M10 2v3M4.5 5h7v2.5a3.5 3.5 0 0 1-7 0zM8 11v3',
  undo: 'M5.5 3 2.5 6l3 3M2.5 6H10a3.5 3.5 0 0 1 0 7H6',
  redo: 'M10.5 3l3 3-3 3M13.5 6H6a3.5 3.5 0 0 0 0 7h4',
  tool: 'M8 2.5l4.8 2.75v5.5L8 13.5l-4.8-2.75v-5.5zM3.2 5.25 8 8l4.8-2.75M8 8v5.5',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  disc: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM5.3 8.2l1.9 1.9 3.5-4',
  circle: 'M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11z',
  skip: 'M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM5.5 8h5',
  ring: 'M14 8a6 6 0 1 1-6-6',
  hourglass: 'M4 2h8M4 14h8M5 2c0 4 6 4.5 6 12M11 2c0 4-6 4.5-6 12',
  pause: 'M6 3v10M10 3v10',
  wrench: 'M13.5 4.5a3.5 3.5 0 0 1-4.8 4.3L4 13.5 2.5 12l4.7-4.7a3.5 3.5 0 0 1 4.3-4.8L9.4 4.6l2 2z',
  octagon: 'M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5zM6 6l4 4M10 6l-4 4',
  arrows: 'M3 7a5 5 0 0 1 9-2M13 9a5 5 0 0 1-9 2M12 2v3H9M4 14v-3h3',
  cloud: 'M5 12a3 3 0 0 1-.5-5.9A4 4 0 0 1 12 6.5a2.8 2.8 0 0 1-.5 5.5zM2 2l12 12',
  warning: 'M8 2 14.5 13.5h-13zM8 6.5v3M8 11.7v.1',
  flask: 'M6 2h4M7 2v4L3.5 12.5A1 1 0 0 0 4.4 14h7.2a1 1 0 0 0 .9-1.5L9 6V2M5.2 10h5.6',
  copy: 'M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1',
  bell: 'M4 11V7a4 4 0 0 1 8 0v4l1 1H3zM7 14h2',
  external: 'M9 3h4v4M13 3 7.5 8.5M11 9.5V13H3V5h3.5',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z',
  hide: 'M2 2l12 12M6 4a6 6 0 0 1 2-.4c4 0 6.5 4.4 6.5 4.4a11 11 0 0 1-1.8 2.3M4 5.3A11 11 0 0 0 1.5 8S4 12.4 8 12.4a6 6 0 0 0 2.5-.5',
  apps: 'M3 3h4v4H3zM9 3h4v4H9zM3 9h4v4H3zM9 9h4v4H9z',
  download: 'M8 2.5v7.5M4.5 7 8 10.5 11.5 7M3 13.5h10',
  upload: 'M8 10.5V3M4.5 6.5 8 3l3.5 3.5M3 13.5h10',
  side: 'M2 3h12v10H2zM10 3v10',
  key: 'M10 9a3.5 3.5 0 1 0-3.3-2.3L2.5 11v2.5H5V12h1.5v-1.5L8 9zM11 5.5h.01',
  question: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.3 6.3a1.7 1.7 0 1 1 2.5 1.5c-.5.3-.8.6-.8 1.2M8 11.2v.1',
  spark: 'M8 2l1.5 4.5L14 8l-4.5 1.5L8 14l-1.5-4.5L2 8l4.5-1.5z',
  diff: 'M8 3v6M5 6h6M5 12.5h6',
  gauge: 'M3 12.5a6 6 0 1 1 10 0M8 9l2.5-3',
  people:
    'M6 7.5a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5zM1.8 13c.3-2.3 2-3.5 4.2-3.5s3.9 1.2 4.2 3.5M10.5 3.2a2.2 2.2 0 0 1 0 4.1M12 9.8c1.3.5 2.1 1.6 2.3 3.2',
  leave: 'M9.5 3H3.5v10h6M7 8h7M11 5l3 3-3 3',
  plan: 'M3 4l1 1 1.5-2M3 8.5l1 1 1.5-2M3 13l1 1 1.5-2M8 4h5.5M8 8.5h5.5M8 13h5.5',
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      className={name === 'ring' ? 'icon turning' : 'icon'}
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
    >
      <path d={SHAPES[name]} />
    </svg>
  );
}
