import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import type { ImageJob } from '@davit/contract';
import { CommandIDs } from '../commandIds.ts';
import type { Host } from '../host.ts';
import { saveNotice } from '../saveNotice.ts';
import { IHub, IImagesModel } from '../tokens.ts';
import { short } from './failure.ts';
import { hostOf } from './hostOf.ts';

/** What succeeded goes away by itself; what failed stays until it was read. */
const SUCCESS_MS = 15_000;

/** One notification for each save under way, from begin to end. */
export const progressPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-davit:progress',
  description: 'A notification with progress, log and cancel for each save under way.',
  autoStart: true,
  requires: [IHub, IImagesModel],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, hub: IHub, images: IImagesModel, translator: ITranslator | null) => {
    const host = hostOf(app, hub, translator, { images });
    /** Notification by save. */
    const shown = new Map<string, string>();
    images.changed.connect(() => {
      for (const job of images.jobs ?? []) tell(host, shown, job);
    });
  },
};

function tell(host: Host, shown: Map<string, string>, job: ImageJob): void {
  const { message, type, progress } = saveNotice(job, host);
  const ended = job.endedAt !== null;
  const known = shown.get(job.id);
  // What ended before this page was opened is old news.
  if (known === undefined && ended) return;
  const options = {
    actions: actionsFor(host, job),
    autoClose: ended && type !== 'error' ? SUCCESS_MS : (false as const),
  };
  if (known === undefined) {
    shown.set(job.id, Notification.emit(short(message), type, { ...options, progress }));
    return;
  }
  if (ended) shown.delete(job.id);
  Notification.update({ id: known, message: short(message), type, progress: ended ? undefined : progress, ...options });
}

function actionsFor({ trans, commands }: Host, job: ImageJob): Notification.IAction[] {
  const log = {
    label: trans.__('Log'),
    callback: (event: MouseEvent) => {
      // The notification goes with a click otherwise.
      event.preventDefault();
      void commands.execute(CommandIDs.showLog, { job: job.id });
    },
  };
  if (job.phase === 'failed') return [log];
  if (job.phase === 'done') {
    return [{ label: trans.__('Show the images'), callback: () => void commands.execute(CommandIDs.openImages) }];
  }
  if (job.endedAt !== null) return [];
  const cancel = {
    label: trans.__('Cancel'),
    callback: (event: MouseEvent) => {
      event.preventDefault();
      void commands.execute(CommandIDs.cancelSave, { job: job.id });
    },
  };
  return [log, cancel];
}
