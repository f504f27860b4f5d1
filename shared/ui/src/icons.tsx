import type { ReactElement } from 'react';

/** Paths on a 16 × 16 grid, drawn with a 1.4 stroke in the text's colour. */
const PATHS = {
  play: 'M5 3.2v9.6L12.5 8z',
  stop: 'M4 4h8v8H4z',
  reset: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.2v2.6h-2.6',
  trash: 'M2.8 4.5h10.4M6.3 4.5V2.8h3.4v1.7M4.2 4.5l.6 8.7h6.4l.6-8.7M6.7 7v3.8M9.3 7v3.8',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  down: 'M4 6.2 8 10l4-3.8',
  logs: 'M3 2.8h10v10.4H3zM5.3 6h5.4M5.3 8.2h5.4M5.3 10.4h3',
  copy: 'M5.5 5.5h7.7v7.7H5.5zM10.5 5.5V2.8H2.8v7.7h2.7',
  check: 'm3 8.6 3.2 3.2L13 4.6',
  clock: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 5v3.2l2 1.2',
  close: 'm4 4 8 8M12 4l-8 8',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.4 10.4l3.1 3.1',
  plus: 'M8 3v10M3 8h10',
  user: 'M8 8a2.6 2.6 0 1 0 0-5.2A2.6 2.6 0 0 0 8 8zM2.8 13.4c.5-2.6 2.4-3.8 5.2-3.8s4.7 1.2 5.2 3.8',
  users:
    'M6 8a2.4 2.4 0 1 0 0-4.8A2.4 2.4 0 0 0 6 8zM1.5 13c.4-2.3 2-3.5 4.5-3.5s4.1 1.2 4.5 3.5M10.6 3.4a2.4 2.4 0 0 1 0 4.4M12 9.9c1.4.4 2.2 1.5 2.5 3.1',
  key: 'M5.3 13.2a2.9 2.9 0 1 0 0-5.8 2.9 2.9 0 0 0 0 5.8zM7.4 8.3l5.6-5.6M10.3 5.4l2 2',
  sun: 'M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM8 1.4v1.4M8 13.2v1.4M1.4 8h1.4M13.2 8h1.4M3.3 3.3l1 1M11.7 11.7l1 1M3.3 12.7l1-1M11.7 4.3l1-1',
  moon: 'M13.2 9.4A5.6 5.6 0 0 1 6.6 2.8a5.6 5.6 0 1 0 6.6 6.6z',
  contrast: 'M8 13.8A5.8 5.8 0 1 0 8 2.2a5.8 5.8 0 0 0 0 11.6zM8 2.2v11.6M8 5h3.8M8 8h5.6M8 11h3.8',
  system: 'M2 3h12v8H2zM5.5 13.4h5M8 11v2.4',
  language:
    'M8 13.8A5.8 5.8 0 1 0 8 2.2a5.8 5.8 0 0 0 0 11.6zM2.2 8h11.6M8 2.2c3.4 3.4 3.4 8.2 0 11.6M8 2.2c-3.4 3.4-3.4 8.2 0 11.6',
  warning: 'M8 2.4 14.2 13H1.8zM8 6.6v3M8 11.3h.01',
  error: 'M8 13.8A5.8 5.8 0 1 0 8 2.2a5.8 5.8 0 0 0 0 11.6zM8 5v3.6M8 11h.01',
  info: 'M8 13.8A5.8 5.8 0 1 0 8 2.2a5.8 5.8 0 0 0 0 11.6zM8 7.4V11M8 5h.01',
  external: 'M6.5 3H3v10h10V9.5M9.3 3H13v3.7M12.8 3.2 7.6 8.4',
  edit: 'm3 13 .6-2.9 7-7 2.3 2.3-7 7zM9.3 4.4l2.3 2.3',
  upload: 'M8 10.5V3M5 5.8 8 2.8l3 3M2.8 10.5v2.7h10.4v-2.7',
  download: 'M8 2.8v7.7M5 7.5l3 3 3-3M2.8 10.5v2.7h10.4v-2.7',
  chart: 'M2.5 13.2h11M4.5 10.6V7.5M8 10.6V3.2M11.5 10.6V5.6',
  link: 'M6.8 9.2 9.2 6.8M7.2 4.9l1.4-1.4a2.8 2.8 0 0 1 4 4l-1.5 1.4M8.8 11.1l-1.4 1.4a2.8 2.8 0 0 1-4-4l1.5-1.4',
  signOut: 'M9.5 3H3v10h6.5M7 8h6.5M11 5.4 13.6 8 11 10.6',
  server: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01',
  box: 'm8 1.8 5.4 3v6.4L8 14.2l-5.4-3V4.8zM2.8 5 8 7.9 13.2 5M8 7.9v6',
  sliders:
    'M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6M10.2 6.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM5.8 13.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z',
  shield: 'M8 1.9 13 3.6v3.7c0 3.2-2 5.6-5 6.8-3-1.2-5-3.6-5-6.8V3.6z',
  jupyterlab: 'M4 2.2h8.8v11.6H4zM2.4 5h2.8M2.4 8h2.8M2.4 11h2.8M7.4 5.3h3M7.4 7.6h3',
  'code-server': 'M5.2 4.6 1.9 8l3.3 3.4M10.8 4.6 14.1 8l-3.3 3.4M9.1 3.2 6.9 12.8',
  desktop: 'M1.8 2.8h12.4v8.2H1.8zM5.2 13.6h5.6M8 11v2.6M1.8 5.2h12.4',
  terminal: 'M1.8 2.8h12.4v10.4H1.8zM4.4 6l2.2 2-2.2 2M8 10.2h3.6',
} as const;

export type IconName = keyof typeof PATHS;

/** One drawing of the set; hidden from screen readers, the words beside it carry the meaning. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }): ReactElement {
  const heavy = name === 'more';
  return (
    <svg
      className="davit-icon"
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill={name === 'play' ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth={heavy ? 2.4 : 1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
