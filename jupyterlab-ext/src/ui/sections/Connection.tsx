import { Button, EmptyState, Notice, Skeleton } from '@davit/ui';
import type { ReactElement } from 'react';
import { CommandIDs } from '../../commandIds.ts';
import type { Host } from '../../host.ts';
import { Frame, useHub } from '../frame.tsx';

/** How the page stands towards the hub; nothing while all is well. */
export function Connection({ host }: { host: Host }): ReactElement {
  return (
    <Frame host={host}>
      <Words host={host} />
    </Frame>
  );
}

function Words({ host }: { host: Host }): ReactElement | undefined {
  const { trans, commands } = host;
  const hub = useHub(host);
  const retry = <Button onPress={() => void commands.execute(CommandIDs.retry)}>{trans.__('Try again')}</Button>;
  switch (hub.phase) {
    case 'connected':
      return undefined;
    case 'looking':
      return (
        <div className="jp-davit-section">
          <Skeleton rows={2} />
        </div>
      );
    case 'lost':
      return <Notice tone="warning">{trans.__('The hub does not answer. This page tries again by itself.')}</Notice>;
    case 'signed-out':
      return (
        <Notice tone="warning" action={retry}>
          {trans.__('Your session with the hub has ended. Save your work and reload this page to sign in again.')}
        </Notice>
      );
    case 'absent':
      return (
        <EmptyState
          icon="server"
          title={trans.__('Not connected to a hub')}
          action={hub.root === undefined ? undefined : retry}
        >
          {trans.__('Davit shows images, usage and release here when a Davit hub has started this JupyterLab.')}
        </EmptyState>
      );
  }
}
