import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { IHub, IServerModel } from '../tokens.ts';
import { ViewWidget } from '../widgets.tsx';
import { hostOf } from './hostOf.ts';

/** One item in the status bar: memory, GPU and time left. */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-davit:status',
  description: 'Memory, GPU and the time left of this server in the status bar.',
  autoStart: true,
  requires: [IHub, IServerModel, IStatusBar],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    hub: IHub,
    server: IServerModel,
    statusBar: IStatusBar,
    translator: ITranslator | null,
  ) => {
    const host = hostOf(app, hub, translator, { server });
    const item = new ViewWidget(host, async () => (await import('../ui/StatusItem.tsx')).StatusItem);
    item.addClass('jp-davit-status-item');
    const activeStateChanged = new Signal<IHub, void>(hub);
    hub.phaseChanged.connect(() => activeStateChanged.emit());
    statusBar.registerStatusItem('jupyterlab-davit:status', {
      item,
      align: 'right',
      rank: 900,
      isActive: () => hub.phase === 'connected',
      activeStateChanged,
    });
  },
};
