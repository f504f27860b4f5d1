import { IconButton } from '@davit/ui';
import type { Server } from '@davit/contract';
import type { ReactElement } from 'react';
import { CommandIDs } from '../../commandIds.ts';
import type { Host } from '../../host.ts';

/** The web apps that listen inside the server; nothing where there are none, or an older image does not tell. */
export function Ports({ host, ports }: { host: Host; ports: Server['ports'] }): ReactElement | undefined {
  const { trans, commands } = host;
  if (ports === null || ports.length === 0) return undefined;
  return (
    <ul className="jp-davit-ports" aria-label={trans.__('Ports')}>
      {ports.map(({ port, program }) => (
        <li key={port} className="jp-davit-row">
          <strong>{port}</strong>
          <span className="jp-davit-program davit-muted" title={program ?? undefined}>
            {program}
          </span>
          <IconButton
            icon="external"
            label={trans.__('Open port %1', port)}
            onPress={() => void commands.execute(CommandIDs.openPort, { port })}
          />
          <IconButton
            icon="copy"
            label={trans.__('Copy the address of port %1', port)}
            onPress={() => void commands.execute(CommandIDs.copyPortAddress, { port })}
          />
        </li>
      ))}
    </ul>
  );
}
