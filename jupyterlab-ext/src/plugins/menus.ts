import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

/** Carries the schema with the entries of menus, context menus and shortcuts; switched off they are all gone. */
export const menusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-davit:menus',
  description: 'Entries in the File menu, the context menus, and keyboard shortcuts.',
  autoStart: true,
  activate: (_: JupyterFrontEnd) => {
    // All that it does stands in its schema.
  },
};
