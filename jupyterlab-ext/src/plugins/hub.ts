import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import { CommandIDs } from '../commandIds.ts';
import { Hub } from '../hub/hub.ts';
import { probe } from '../hub/probe.ts';
import { serverRoot } from '../hub/root.ts';
import { IHub } from '../tokens.ts';
import { hostOf } from './hostOf.ts';
import { addToPalette, NO_ARGUMENTS } from './palette.ts';

/** Finds the hub; every other plugin of the extension stands on it. */
export const hubPlugin: JupyterFrontEndPlugin<IHub> = {
  id: 'jupyterlab-davit:hub',
  description: 'Finds the Davit hub that started this JupyterLab and keeps the connection to it.',
  autoStart: true,
  provides: IHub,
  optional: [ITranslator, ICommandPalette],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null, palette: ICommandPalette | null): IHub => {
    const hub = new Hub({
      root: serverRoot(app.serviceManager.serverSettings.baseUrl, window.location.origin),
      probe,
      loadApi: async (root) => (await import('../hub/api.ts')).createApi(root, host.locale),
    });
    const host = hostOf(app, hub, translator);
    const { trans } = host;

    app.commands.addCommand(CommandIDs.retry, {
      label: trans.__('Look for the Hub Again'),
      isEnabled: () => hub.root !== undefined && hub.phase !== 'connected',
      describedBy: { args: NO_ARGUMENTS },
      execute: () => hub.retry(),
    });
    app.commands.addCommand(CommandIDs.openHub, {
      label: trans.__('Open Hub'),
      caption: trans.__('Open the pages of the hub in a new tab'),
      isEnabled: () => hub.info !== undefined,
      describedBy: { args: NO_ARGUMENTS },
      execute: () => {
        window.open(hub.info?.hubUrl, '_blank', 'noopener');
      },
    });
    addToPalette(palette, trans, [CommandIDs.retry, CommandIDs.openHub]);
    hub.phaseChanged.connect(() => {
      app.commands.notifyCommandChanged();
    });
    return hub;
  },
};
