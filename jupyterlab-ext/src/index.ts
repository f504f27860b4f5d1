import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { hubPlugin } from './plugins/hub.ts';
import { imagesPlugin } from './plugins/images.ts';
import { inputPlugin } from './plugins/input.ts';
import { launcherPlugin } from './plugins/launcher.ts';
import { menusPlugin } from './plugins/menus.ts';
import { panelPlugin } from './plugins/panel.ts';
import { progressPlugin } from './plugins/progress.ts';
import { runningPlugin } from './plugins/running.ts';
import { serverPlugin } from './plugins/server.ts';
import { statusPlugin } from './plugins/status.ts';
import { usagePlugin } from './plugins/usage.ts';
import { imagesViewPlugin, usageViewPlugin } from './plugins/views.ts';
import { warningPlugin } from './plugins/warning.ts';

/** Every plugin of the extension; JupyterLab switches each on and off by its id. */
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  hubPlugin,
  serverPlugin,
  imagesPlugin,
  usagePlugin,
  panelPlugin,
  imagesViewPlugin,
  usageViewPlugin,
  launcherPlugin,
  menusPlugin,
  statusPlugin,
  progressPlugin,
  warningPlugin,
  inputPlugin,
  runningPlugin,
];

// JupyterLab reads the default export of an extension's module.
export default plugins;
