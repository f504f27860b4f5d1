import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import { downloadIcon } from '@jupyterlab/ui-components';
import { CommandIDs } from '../commandIds.ts';
import { UsageModel } from '../models/usage.ts';
import { IHub, IUsageModel } from '../tokens.ts';
import { telling } from './failure.ts';
import { hostOf } from './hostOf.ts';
import { addToPalette, NO_ARGUMENTS } from './palette.ts';

/** What the owner used. */
export const usagePlugin: JupyterFrontEndPlugin<IUsageModel> = {
  id: 'jupyterlab-davit:usage',
  description: 'What the owner of this server used: today, by day and by server.',
  autoStart: true,
  provides: IUsageModel,
  requires: [IHub],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    hub: IHub,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
  ): IUsageModel => {
    const usage = new UsageModel(hub, Intl.DateTimeFormat().resolvedOptions().timeZone);
    const { trans } = hostOf(app, hub, translator);
    app.commands.addCommand(CommandIDs.exportUsage, {
      label: trans.__('Export Usage as CSV'),
      icon: downloadIcon,
      caption: trans.__('Download the usage of the last 30 days, by server and day'),
      isEnabled: () => hub.phase === 'connected',
      describedBy: { args: NO_ARGUMENTS },
      execute: () =>
        telling(trans, async () => {
          const link = document.createElement('a');
          link.href = await usage.csvUrl();
          link.download = 'usage.csv';
          link.click();
        }),
    });
    addToPalette(palette, trans, [CommandIDs.exportUsage]);
    return usage;
  },
};
