import { LabIcon } from '@jupyterlab/ui-components';

/** An icon on the grid of 16 that takes the colour of the host's icons. */
function icon(name: string, path: string): LabIcon {
  const svgstr =
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16" fill="none" stroke-width="1.4" ' +
    `stroke-linecap="round" stroke-linejoin="round"><path class="jp-icon3" stroke="#616161" d="${path}"/></svg>`;
  return new LabIcon({ name: `jupyterlab-davit:${name}`, svgstr });
}

/** A davit: the crane on a ship's side, with the boat it lowers. */
export const davitIcon = icon('davit', 'M4 14V6a4 4 0 0 1 8 0v2.4M12 8.4v1.2M2.4 14h3.2M8.4 10.2h7l-1.2 3H9.6z');
export const imageIcon = icon('image', 'm8 1.8 5.4 3v6.4L8 14.2l-5.4-3V4.8zM2.8 5 8 7.9 13.2 5M8 7.9v6');
export const saveIcon = icon('save', 'M2.6 8.5v4.7h10.8V8.5M8 2v7.5M5 6.7l3 3 3-3');
export const usageIcon = icon('usage', 'M2.5 13.5h11M4.5 11V8M8 11V3.5M11.5 11V6');
export const releaseIcon = icon('release', 'M8 2v6M4.6 4.2a5 5 0 1 0 6.8 0');
