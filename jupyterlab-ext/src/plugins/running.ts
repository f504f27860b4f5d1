import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRunningSessionManagers } from '@jupyterlab/running';
import { ITranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { CommandIDs } from '../commandIds.ts';
import { imageIcon } from '../icons.ts';
import { hasEnded } from '../models/jobs.ts';
import { saveNotice } from '../saveNotice.ts';
import { IHub, IImagesModel } from '../tokens.ts';
import { hostOf } from './hostOf.ts';

/** Saves under way, among the other things that run. */
export const runningPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-davit:running',
  description: 'Saves under way in the panel of running things.',
  autoStart: true,
  requires: [IHub, IImagesModel, IRunningSessionManagers],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    hub: IHub,
    images: IImagesModel,
    managers: IRunningSessionManagers,
    translator: ITranslator | null,
  ) => {
    // Outside of a hub there is nothing to list, and an empty section would only stand in the way.
    if (hub.root === undefined) return;
    const host = hostOf(app, hub, translator);
    const { trans } = host;
    const runningChanged = new Signal<IHub, void>(hub);
    images.changed.connect(() => runningChanged.emit());
    const underWay = () => (images.jobs ?? []).filter((job) => !hasEnded(job));
    managers.add({
      name: trans.__('Saves as image'),
      running: () =>
        underWay().map((job) => ({
          label: () => saveNotice(job, host).message,
          icon: () => imageIcon,
          open: () => void app.commands.execute(CommandIDs.showLog, { job: job.id }),
          shutdown: () => void app.commands.execute(CommandIDs.cancelSave, { job: job.id }),
        })),
      refreshRunning: () => void images.refresh(),
      runningChanged,
      shutdownAll: () => {
        for (const job of underWay()) void images.cancel(job.id).catch(() => undefined);
      },
      shutdownLabel: trans.__('Cancel'),
      shutdownAllLabel: trans.__('Cancel All Saves'),
      shutdownAllConfirmationText: () => trans.__('Cancel all saves? Nothing of them is kept.'),
    });
  },
};
