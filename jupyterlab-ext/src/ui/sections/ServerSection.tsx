import {
  Button,
  formatDuration,
  MenuButton,
  Notice,
  ReleaseLine,
  ReleasePolicyChoice,
  SERVER_STATUS,
  ServerMeters,
  Skeleton,
  StatusDot,
  Tag,
  type MenuEntry,
} from '@davit/ui';
import type { Server } from '@davit/contract';
import type { ReactElement } from 'react';
import { CommandIDs } from '../../commandIds.ts';
import type { Host } from '../../host.ts';
import type { IServerModel } from '../../tokens.ts';
import { Frame, sharedTexts, timeUnits, useModel, useNow } from '../frame.tsx';
import { phaseText, sizeText } from '../words.ts';
import { Ports } from './Ports.tsx';

const EVERY_MS = 5_000;

/** The section about the server that one works on. */
export function ServerSection({ host }: { host: Host }): ReactElement {
  return <Frame host={host}>{host.server !== undefined && <Content host={host} model={host.server} />}</Frame>;
}

function Content({ host, model }: { host: Host; model: IServerModel }): ReactElement {
  const { trans, commands } = host;
  useModel(model, EVERY_MS);
  const { server, metrics, failure } = model;
  return (
    <div className="jp-davit-section">
      {failure !== undefined && <Notice tone="danger">{failure}</Notice>}
      {server === undefined ? (
        failure === undefined && <Skeleton rows={4} />
      ) : (
        <>
          <Head host={host} server={server} />
          {metrics !== undefined && <ServerMeters texts={sharedTexts(host).usage} metrics={metrics} />}
          <Release host={host} server={server} />
          <Buttons host={host} />
          <Editors host={host} server={server} />
          <Ports host={host} ports={server.ports} />
          <ReleasePolicyChoice
            value={server.releasePolicy}
            allowed={model.allowedPolicies}
            texts={sharedTexts(host).release}
            compact
            onChange={(policy) => void commands.execute(CommandIDs.setPolicy, { policy })}
          />
          {server.reason !== null && <p className="davit-muted">{host.hubText(server.reason)}</p>}
        </>
      )}
      {server !== undefined && server.phase !== 'running' && (
        <p className="davit-muted">{trans.__('Buttons work again once the server runs.')}</p>
      )}
    </div>
  );
}

function Head({ host, server }: { host: Host; server: Server }): ReactElement {
  const { trans } = host;
  const now = useNow(30_000);
  const state = phaseText(server.phase, trans);
  const since = server.startedAt === null ? undefined : now - Date.parse(server.startedAt);
  return (
    <div>
      <div className="jp-davit-row">
        <StatusDot kind={SERVER_STATUS[server.phase]} label={state} />
        <strong className="jp-davit-name">{server.name}</strong>
        <span className="davit-muted" aria-live="polite">
          {since === undefined ? state : `${state} ${formatDuration(since, timeUnits(trans))}`}
        </span>
      </div>
      <div className="jp-davit-row">
        <span>{sizeText(server.resources, trans)}</span>
        <Tag>{server.imageName}</Tag>
      </div>
    </div>
  );
}

function Release({ host, server }: { host: Host; server: Server }): ReactElement | undefined {
  const now = useNow(15_000);
  if (server.release === null) return undefined;
  return (
    <p aria-live="polite">
      <ReleaseLine
        state={server.release}
        now={now}
        texts={sharedTexts(host).release}
        units={timeUnits(host.trans)}
        locale={host.locale}
      />
    </p>
  );
}

function Buttons({ host: { trans, commands } }: { host: Host }): ReactElement {
  const run = (command: string) => () => void commands.execute(command);
  const entries: MenuEntry[] = [
    { id: 'keep', text: trans.__('Keep 2 hours'), icon: 'clock', onAction: run(CommandIDs.keep) },
    { id: 'port', text: trans.__('Open a port…'), icon: 'link', onAction: run(CommandIDs.openPort) },
    { id: 'reset', text: trans.__('Reset…'), icon: 'reset', danger: true, onAction: run(CommandIDs.reset) },
    { id: 'hub', text: trans.__('Open the hub'), icon: 'external', onAction: run(CommandIDs.openHub) },
  ];
  return (
    <div className="jp-davit-row">
      {commands.hasCommand(CommandIDs.save) && (
        <Button variant="primary" onPress={run(CommandIDs.save)}>
          {trans.__('Save as image')}
        </Button>
      )}
      <Button onPress={run(CommandIDs.release)}>{trans.__('Release')}</Button>
      <MenuButton label={trans.__('More actions')} icon="more" iconOnly entries={entries} />
    </div>
  );
}

/** Other editors of the server. */
function Editors({ host: { trans, commands }, server }: { host: Host; server: Server }): ReactElement | undefined {
  const others = server.readyEditors.filter((editor) => editor !== 'jupyterlab');
  if (others.length === 0) return undefined;
  return (
    <div className="jp-davit-row">
      {others.map((editor) => (
        <Button key={editor} icon={editor} onPress={() => void commands.execute(CommandIDs.openEditor, { editor })}>
          {editor === 'desktop' ? trans.__('Desktop') : trans.__('VS Code')}
        </Button>
      ))}
    </div>
  );
}
