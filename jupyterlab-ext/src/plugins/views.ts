import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import {
  createToolbarFactory,
  ICommandPalette,
  IToolbarWidgetRegistry,
  MainAreaWidget,
  setToolbar,
  WidgetTracker,
} from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { CommandIDs } from '../commandIds.ts';
import type { Host } from '../host.ts';
import { imageIcon, usageIcon } from '../icons.ts';
import { IHub, IImagesModel, IUsageModel } from '../tokens.ts';
import { ViewWidget, type ViewLoader } from '../widgets.tsx';
import { hostOf } from './hostOf.ts';
import { addToPalette, NO_ARGUMENTS, standsAlone } from './palette.ts';

/** What a full-page view stands on beside its model. */
interface Services {
  app: JupyterFrontEnd;
  restorer: ILayoutRestorer | null;
  palette: ICommandPalette | null;
  toolbars: IToolbarWidgetRegistry | null;
  settings: ISettingRegistry | null;
  translator: ITranslator | null;
}

interface View {
  command: string;
  /** Id of the tab and of its kind in the schema of toolbars. */
  name: string;
  plugin: string;
  title: string;
  /** The title as an action, for palette and menus. */
  action: string;
  caption: string;
  icon: LabIcon;
  load: ViewLoader;
}

/** The library in a tab of the main area. */
export const imagesViewPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-davit:images-view',
  description: 'The library of images in a tab of the main area.',
  autoStart: true,
  requires: [IHub, IImagesModel],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette, IToolbarWidgetRegistry, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    hub: IHub,
    images: IImagesModel,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    toolbars: IToolbarWidgetRegistry | null,
    settings: ISettingRegistry | null,
  ) => {
    const host = hostOf(app, hub, translator, { images });
    addView(
      host,
      { app, restorer, palette, toolbars, settings, translator },
      {
        command: CommandIDs.openImages,
        name: 'DavitImages',
        plugin: 'jupyterlab-davit:images-view',
        title: host.trans.__('Images'),
        action: host.trans.__('Open the images'),
        caption: host.trans.__('Open the library of images in a tab'),
        icon: imageIcon,
        load: async () => (await import('../ui/views/ImagesView.tsx')).ImagesView,
      },
    );
  },
};

/** Usage in a tab of the main area. */
export const usageViewPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-davit:usage-view',
  description: 'Usage by day and by server in a tab of the main area.',
  autoStart: true,
  requires: [IHub, IUsageModel],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette, IToolbarWidgetRegistry, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    hub: IHub,
    usage: IUsageModel,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    toolbars: IToolbarWidgetRegistry | null,
    settings: ISettingRegistry | null,
  ) => {
    const host = hostOf(app, hub, translator, { usage });
    addView(
      host,
      { app, restorer, palette, toolbars, settings, translator },
      {
        command: CommandIDs.openUsage,
        name: 'DavitUsage',
        plugin: 'jupyterlab-davit:usage-view',
        title: host.trans.__('Usage'),
        action: host.trans.__('Open the usage'),
        caption: host.trans.__('Open usage by day and server in a tab'),
        icon: usageIcon,
        load: async () => (await import('../ui/views/UsageView.tsx')).UsageView,
      },
    );
  },
};

/** Adds the command that opens the one tab of a view, and has it opened again after a reload. */
function addView(host: Host, services: Services, view: View): void {
  const { app, restorer, palette, toolbars, settings, translator } = services;
  const { trans } = host;
  const tracker = new WidgetTracker<MainAreaWidget<ViewWidget>>({ namespace: view.name });
  const toolbar =
    toolbars === null || settings === null
      ? undefined
      : createToolbarFactory(toolbars, settings, view.name, view.plugin, translator ?? nullTranslator);

  const make = (): MainAreaWidget<ViewWidget> => {
    const widget = new MainAreaWidget({ content: new ViewWidget(host, view.load) });
    widget.id = `jupyterlab-davit-${view.name}`;
    widget.title.label = trans.__('Davit: %1', view.title);
    widget.title.icon = view.icon;
    widget.title.closable = true;
    widget.content.addClass('jp-davit-page');
    if (toolbar !== undefined) setToolbar(widget, toolbar);
    return widget;
  };
  app.commands.addCommand(view.command, {
    label: (args) => (standsAlone(args) ? view.action : view.title),
    caption: view.caption,
    icon: view.icon,
    isEnabled: () => host.hub.phase !== 'absent',
    describedBy: { args: NO_ARGUMENTS },
    execute: async () => {
      let widget = tracker.find(() => true);
      if (widget === undefined) {
        widget = make();
        await tracker.add(widget);
        app.shell.add(widget, 'main', { type: 'Davit' });
      }
      app.shell.activateById(widget.id);
    },
  });
  void restorer?.restore(tracker, { command: view.command, name: () => view.name });
  addToPalette(palette, trans, [view.command]);
}
