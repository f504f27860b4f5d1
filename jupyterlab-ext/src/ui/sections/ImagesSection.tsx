import type { ReactElement } from 'react';
import type { Host } from '../../host.ts';
import { Frame } from '../frame.tsx';
import { Library } from '../Library.tsx';

/** The section with saves in progress and the library. */
export function ImagesSection({ host }: { host: Host }): ReactElement {
  return (
    <Frame host={host}>
      <div className="jp-davit-section">
        {host.images !== undefined && <Library host={host} images={host.images} compact />}
      </div>
    </Frame>
  );
}
