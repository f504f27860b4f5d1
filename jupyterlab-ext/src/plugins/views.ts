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
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { Token } from '@lumino/coreutils';
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
export const imagesViewPlugin = viewPlugin(
  'jupyterlab-davit:images-view',
  'The library of images in a tab of the main area.',
  IImagesModel,
  (images) => ({ images }),
  (trans) => ({
    command: CommandIDs.openImages,
    name: 'DavitImages',
    title: trans.__('Images'),
    action: trans.__('Open Images'),
    caption: trans.__('Open the library of images in a tab'),
    icon: imageIcon,
    load: async () => (await import('../ui/views/ImagesView.tsx')).ImagesView,
  }),
);

/** Usage in a tab of the main area. */
export const usageViewPlugin = viewPlugin(
  'jupyterlab-davit:usage-view',
  'Usage by day and by server in a tab of the main area.',
  IUsageModel,
  (usage) => ({ usage }),
  (trans) => ({
    command: CommandIDs.openUsage,
    name: 'DavitUsage',
    title: trans.__('Usage'),
    action: trans.__('Open Usage'),
    caption: trans.__('Open usage by day and server in a tab'),
    icon: usageIcon,
    load: async () => (await import('../ui/views/UsageView.tsx')).UsageView,
  }),
);

/** A plugin that offers a view of one model; `shown` says which of the host's models that is. */
function viewPlugin<M>(
  id: string,
  description: string,
  model: Token<M>,
  shown: (model: M) => Partial<Host>,
  view: (trans: TranslationBundle) => Omit<View, 'plugin'>,
): JupyterFrontEndPlugin<void> {
  return {
    id,
    description,
    autoStart: true,
    requires: [IHub, model],
    optional: [ITranslator, ILayoutRestorer, ICommandPalette, IToolbarWidgetRegistry, ISettingRegistry],
    activate: (
      app: JupyterFrontEnd,
      hub: IHub,
      of: M,
      translator: ITranslator | null,
      restorer: ILayoutRestorer | null,
      palette: ICommandPalette | null,
      toolbars: IToolbarWidgetRegistry | null,
      settings: ISettingRegistry | null,
    ) => {
      const host = hostOf(app, hub, translator, shown(of));
      const services = { app, restorer, palette, toolbars, settings, translator };
      addView(host, services, { plugin: id, ...view(host.trans) });
    },
  };
}

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
    icon: (args) => (standsAlone(args) ? undefined : view.icon),
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
