import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager } from '@jupyterlab/docmanager';

/** What a person would lose or leave behind when the server ends. */
export interface OpenWork {
  unsaved: { path: string; save: () => Promise<void> }[];
  kernels: { name: string; path: string; busy: boolean }[];
  terminals: string[];
}

/** Looks at what is open now; without a document manager there are no documents to tell of. */
export async function findOpenWork(app: JupyterFrontEnd, documents: IDocumentManager | null): Promise<OpenWork> {
  const { sessions, terminals } = app.serviceManager;
  // Lists kept by the page may be old; without an answer they are still the best there is.
  await Promise.allSettled([sessions.refreshRunning(), terminals.refreshRunning()]);
  return {
    unsaved: unsavedDocuments(app, documents),
    kernels: [...sessions.running()].flatMap(({ kernel, path, name }) =>
      kernel === null
        ? []
        : [{ name: kernel.name, path: name === '' ? path : name, busy: kernel.execution_state === 'busy' }],
    ),
    terminals: [...terminals.running()].map(({ name }) => name),
  };
}

function unsavedDocuments(app: JupyterFrontEnd, documents: IDocumentManager | null): OpenWork['unsaved'] {
  const unsaved = new Map<string, () => Promise<void>>();
  for (const widget of app.shell.widgets('main')) {
    const context = documents?.contextForWidget(widget);
    // Two views of one document share its context.
    if (context?.model.dirty === true) unsaved.set(context.path, () => context.save());
  }
  return [...unsaved].map(([path, save]) => ({ path, save }));
}
