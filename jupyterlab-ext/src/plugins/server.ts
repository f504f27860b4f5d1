import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ITranslator } from '@jupyterlab/translation';
import type { ReleasePolicy } from '@davit/contract';
import { CommandIDs } from '../commandIds.ts';
import { releaseIcon } from '../icons.ts';
import { ServerModel } from '../models/server.ts';
import { findOpenWork } from '../openWork.ts';
import { IHub, IServerModel } from '../tokens.ts';
import { copyAndTell } from './copy.ts';
import { telling } from './failure.ts';
import { hostOf } from './hostOf.ts';
import { addToPalette, NO_ARGUMENTS, standsAlone } from './palette.ts';

/** State and release of the server that this JupyterLab runs on. */
export const serverPlugin: JupyterFrontEndPlugin<IServerModel> = {
  id: 'jupyterlab-davit:server',
  description: 'State, measurements, ports, reset and release of the server that this JupyterLab runs on.',
  autoStart: true,
  provides: IServerModel,
  requires: [IHub],
  optional: [ITranslator, ICommandPalette, IDocumentManager],
  activate: (
    app: JupyterFrontEnd,
    hub: IHub,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    documents: IDocumentManager | null,
  ): IServerModel => {
    const server = new ServerModel(hub);
    const host = hostOf(app, hub, translator, { server });
    const { trans } = host;
    const { commands } = app;
    const isConnected = (): boolean => hub.phase === 'connected';
    const work = () => findOpenWork(app, documents);

    commands.addCommand(CommandIDs.release, {
      label: trans.__('Release Server…'),
      caption: trans.__('Stop this server and free its CPU, memory and GPU at once'),
      icon: (args) => (standsAlone(args) ? undefined : releaseIcon),
      isEnabled: isConnected,
      describedBy: { args: NO_ARGUMENTS },
      execute: async () => (await import('../ui/dialogs/release.tsx')).showRelease(host, server, work),
    });
    commands.addCommand(CommandIDs.reset, {
      label: trans.__('Reset Server…'),
      caption: trans.__('Replace the container by a fresh one of the same image'),
      isEnabled: isConnected,
      describedBy: { args: NO_ARGUMENTS },
      execute: async () => (await import('../ui/dialogs/release.tsx')).showReset(host, server, work),
    });
    commands.addCommand(CommandIDs.keep, {
      label: ({ hours }) => trans.__('Keep Server for %1 Hours', typeof hours === 'number' ? hours : 2),
      isEnabled: isConnected,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            hours: { type: 'number', minimum: 0.25, maximum: 24, default: 2, description: trans.__('Hours from now') },
          },
          additionalProperties: false,
        },
      },
      execute: async ({ hours }) => {
        const span = typeof hours === 'number' ? hours : 2;
        await telling(trans, async () => {
          await server.keep(span);
          Notification.success(trans.__('The server is kept for %1 hours from now.', span), { autoClose: 5000 });
        });
      },
    });
    commands.addCommand(CommandIDs.setPolicy, {
      label: trans.__('Choose Release Policy'),
      isEnabled: isConnected,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            policy: { type: 'string', description: trans.__('One of the allowed policies, such as manual or 2h') },
          },
          required: ['policy'],
          additionalProperties: false,
        },
      },
      // The hub refuses what is no policy and says which are allowed.
      execute: ({ policy }) => telling(trans, () => server.setPolicy(policy as ReleasePolicy)),
    });
    addPlaces(app, hub, host.trans);
    addToPalette(palette, trans, [CommandIDs.release, CommandIDs.reset, CommandIDs.keep, CommandIDs.openPort]);
    return server;
  },
};

/** Commands that open another place of the same server in a new tab. */
function addPlaces(app: JupyterFrontEnd, hub: IHub, trans: ReturnType<ITranslator['load']>): void {
  app.commands.addCommand(CommandIDs.openEditor, {
    label: trans.__('Open Another Editor'),
    isEnabled: () => hub.root !== undefined && hub.phase === 'connected',
    describedBy: {
      args: {
        type: 'object',
        properties: { editor: { type: 'string', description: trans.__('jupyterlab, code-server or desktop') } },
        required: ['editor'],
        additionalProperties: false,
      },
    },
    execute: ({ editor }) => {
      if (hub.root !== undefined && typeof editor === 'string') window.open(`${hub.root}/${editor}/`, '_blank');
    },
  });
  app.commands.addCommand(CommandIDs.openPort, {
    label: trans.__('Open Port…'),
    caption: trans.__('Open a web app that listens inside this server'),
    isEnabled: () => hub.root !== undefined && hub.phase === 'connected',
    describedBy: {
      args: {
        type: 'object',
        properties: {
          port: { type: 'integer', minimum: 1, maximum: 65_535, description: trans.__('Asked for when left out') },
        },
        additionalProperties: false,
      },
    },
    execute: async ({ port }) => {
      if (hub.root === undefined) return;
      const { askPort } = await import('../ui/dialogs/port.ts');
      const chosen = typeof port === 'number' ? port : await askPort(trans);
      if (chosen !== undefined) window.open(`${hub.root}/port/${String(chosen)}/`, '_blank');
    },
  });
  app.commands.addCommand(CommandIDs.copyPortAddress, {
    label: trans.__('Copy Address of a Port'),
    isEnabled: () => hub.root !== undefined,
    describedBy: {
      args: {
        type: 'object',
        properties: { port: { type: 'integer', minimum: 1, maximum: 65_535 } },
        required: ['port'],
        additionalProperties: false,
      },
    },
    execute: async ({ port }) => {
      if (hub.root === undefined || typeof port !== 'number') return;
      await copyAndTell(`${window.location.origin}${hub.root}/port/${String(port)}/`, trans);
    },
  });
}
