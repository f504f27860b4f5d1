import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator } from '@jupyterlab/translation';
import { DisposableSet } from '@lumino/disposable';
import { CommandIDs } from '../commandIds.ts';
import { IHub } from '../tokens.ts';
import { hostOf } from './hostOf.ts';

const CARDS = [CommandIDs.save, CommandIDs.openImages, CommandIDs.openUsage, CommandIDs.release];

/** Cards in the launcher, as long as there is a hub. */
export const launcherPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-davit:launcher',
  description: 'Cards in the launcher for saving, images, usage and release.',
  autoStart: true,
  requires: [IHub, ILauncher],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, hub: IHub, launcher: ILauncher, translator: ITranslator | null) => {
    const { trans } = hostOf(app, hub, translator);
    let cards: DisposableSet | undefined;
    const arrange = (): void => {
      if (hub.phase === 'absent') {
        cards?.dispose();
        cards = undefined;
      } else if (hub.phase === 'connected' && cards === undefined) {
        const known = CARDS.filter((command) => app.commands.hasCommand(command));
        cards = DisposableSet.from(
          known.map((command, rank) => launcher.add({ command, category: trans.__('Davit'), rank })),
        );
      }
    };
    hub.phaseChanged.connect(arrange);
    arrange();
  },
};
