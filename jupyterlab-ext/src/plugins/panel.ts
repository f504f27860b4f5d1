import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { CommandToolbarButton, ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import { PanelWithToolbar, refreshIcon, SidePanel } from '@jupyterlab/ui-components';
import { MessageLoop } from '@lumino/messaging';
import { AccordionPanel, Widget } from '@lumino/widgets';
import { CommandIDs } from '../commandIds.ts';
import type { Host } from '../host.ts';
import { davitIcon } from '../icons.ts';
import { IHub, IImagesModel, IServerModel, IUsageModel } from '../tokens.ts';
import { ViewWidget, type ViewLoader } from '../widgets.tsx';
import { hostOf } from './hostOf.ts';
import { addToPalette, NO_ARGUMENTS } from './palette.ts';

const PANEL_ID = 'jupyterlab-davit-panel';
/** How server, images and usage share the height until a person moves their borders. */
const SIZES = [6, 5, 4];

/** The left panel with one section for each of server, images and usage. */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-davit:panel',
  description: 'The left panel about this server, its images and its usage.',
  autoStart: true,
  requires: [IHub],
  optional: [ITranslator, IServerModel, IImagesModel, IUsageModel, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    hub: IHub,
    translator: ITranslator | null,
    server: IServerModel | null,
    images: IImagesModel | null,
    usage: IUsageModel | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
  ) => {
    const host = hostOf(app, hub, translator, { server, images, usage });
    const { trans } = host;
    const panel = new SidePanel({ translator: translator ?? undefined });
    panel.id = PANEL_ID;
    panel.addClass('jp-davit-panel');
    panel.title.icon = davitIcon;
    panel.title.caption = trans.__('Davit');
    panel.node.setAttribute('role', 'region');
    panel.node.setAttribute('aria-label', trans.__('Davit'));
    panel.header.addWidget(
      new ViewWidget(host, async () => (await import('../ui/sections/Connection.tsx')).Connection),
    );
    const sections = sectionsOf(host);
    /** Shows the sections or takes them away; true when there are new ones. */
    const arrange = (): boolean => {
      const wanted = hub.phase === 'absent' ? [] : sections;
      if (panel.widgets.length === wanted.length) return false;
      for (const section of sections) section.parent = null;
      for (const section of wanted) panel.addWidget(section);
      return wanted.length > 0;
    };
    if (arrange()) share(panel);
    void app.restored.then(() => requestAnimationFrame(() => share(panel)));
    hub.phaseChanged.connect((_, phase) => {
      const isNew = arrange();
      panel.header.setHidden(phase === 'connected');
      // Neither the room that the header leaves nor the height of new sections is known before they are laid out.
      requestAnimationFrame(() => {
        MessageLoop.sendMessage(panel.content, Widget.ResizeMessage.UnknownSize);
        if (isNew) share(panel);
      });
    });
    app.shell.add(panel, 'left', { rank: 450, type: 'Davit' });
    restorer?.add(panel, PANEL_ID);

    app.commands.addCommand(CommandIDs.showPanel, {
      label: trans.__('Show Davit Panel'),
      icon: davitIcon,
      describedBy: { args: NO_ARGUMENTS },
      execute: () => {
        app.shell.activateById(PANEL_ID);
      },
    });
    app.commands.addCommand(CommandIDs.refresh, {
      label: trans.__('Refresh'),
      caption: trans.__('Ask the hub again for everything shown here'),
      icon: refreshIcon,
      isEnabled: () => hub.phase === 'connected',
      describedBy: { args: NO_ARGUMENTS },
      execute: async () => {
        await Promise.all([server?.refresh(), images?.refresh(), usage?.refresh()]);
      },
    });
    addToPalette(palette, trans, [CommandIDs.showPanel]);
  },
};

/**
 * Gives each section its height where no person has: what a person has set JupyterLab restores, but also the equal heights
 * of a panel that was never looked at.
 */
function share({ content, widgets }: SidePanel): void {
  if (!(content instanceof AccordionPanel) || widgets.length !== SIZES.length) return;
  const sizes = content.relativeSizes();
  if (Math.max(...sizes) - Math.min(...sizes) < 0.01) content.setRelativeSizes(SIZES);
}

/** The sections whose plugins are there, in their order. */
function sectionsOf(host: Host): PanelWithToolbar[] {
  const { trans } = host;
  const sections: PanelWithToolbar[] = [];
  if (host.server !== undefined) {
    const load: ViewLoader = async () => (await import('../ui/sections/ServerSection.tsx')).ServerSection;
    sections.push(section(host, trans.__('This server'), load, []));
  }
  if (host.images !== undefined) {
    const load: ViewLoader = async () => (await import('../ui/sections/ImagesSection.tsx')).ImagesSection;
    sections.push(section(host, trans.__('Images'), load, [CommandIDs.save, CommandIDs.openImages]));
  }
  if (host.usage !== undefined) {
    const load: ViewLoader = async () => (await import('../ui/sections/UsageSection.tsx')).UsageSection;
    sections.push(section(host, trans.__('Usage'), load, [CommandIDs.openUsage]));
  }
  return sections;
}

function section(host: Host, label: string, load: ViewLoader, buttons: readonly string[]): PanelWithToolbar {
  const widget = new PanelWithToolbar();
  widget.addClass('jp-davit-part');
  widget.title.label = label;
  widget.addWidget(new ViewWidget(host, load));
  for (const id of buttons) {
    widget.toolbar.addItem(id, new CommandToolbarButton({ commands: host.commands, id, label: '' }));
  }
  return widget;
}
