import type { ReactElement } from 'react';
import type { Host } from '../../host.ts';
import { Frame } from '../frame.tsx';
import { Library } from '../Library.tsx';

/** The library over the whole main area. */
export function ImagesView({ host }: { host: Host }): ReactElement {
  return (
    <Frame host={host}>
      <div className="jp-davit-view">
        <h2>{host.trans.__('Images')}</h2>
        {host.images !== undefined && <Library host={host} images={host.images} />}
      </div>
    </Frame>
  );
}
